"""The chapters and claims in Japanese, for the page; the English is in ``specs/ledger.py``."""

from __future__ import annotations

CHAPTERS = {
    "1": "テンソルの操作",
    "1.1": "値を取り出す",
    "1.2": "自動微分",
    "1.3": "NumPy 配列からテンソルへ",
    "1.4": "テンソルから NumPy 配列へ",
    "2": "重み、バイアス、パラメータ",
    "2.1": "層の重みとバイアス",
    "2.2": "初期化",
    "2.3": "モデルのパラメータ",
    "2.4": "オプティマイザのパラメータ",
    "3": "model.eval() の働き",
    "4": "torch.no_grad() と torch.set_grad_enabled()",
    "5": "nn.ReLU と nn.functional.relu",
}

#: What each claim says.
CLAIMS = {
    "1.1.1": (
        "item() は、要素が 1 個のテンソルを、形状によらず Python の数にする。int、float、"
        "bool、complex のどれになるかは dtype で決まる。"
    ),
    "1.1.2": "かっこを付けない item は、ただのメソッドである。",
    "1.1.3": (
        "item() は、要素が複数のテンソルや空のテンソルを拒否する。送出する例外は、PyTorch "
        "2.0 より前は ValueError、2.0 からは RuntimeError である。"
    ),
    "1.1.4": (
        "要素が 1 個なら、形状によらず、int()、float()、complex()、bool() で Python の数になる。"
        "int() は 0 の方向へ切り捨て、NaN (ValueError) と無限大 (OverflowError) を拒否する。"
        "int() と float() は虚部のある数を拒否し (RuntimeError)、bool() が False になるのは "
        "0 だけである。最大の int64 を超える uint64 は int() と bool() が拒否し、item() なら取り出"
        "せる。"
    ),
    "1.1.5": (
        "要素が複数のテンソルや空のテンソルは、真でも偽でもない。bool()、if、while、assert、"
        "not、and、or、リストに対する in は RuntimeError に、int()、float()、complex() は "
        "ValueError になる。any() と all() は、真偽の決まる要素 1 個を返す。"
    ),
    "1.1.6": (
        "tolist() は Python の数を、次元のとおり入れ子にしたリストで返す。反復や添字で得られるのは"
        "テンソルである。x[0] はビューなので x とともに変わるが、item() で得た数は変わらない。"
    ),
    "1.1.7": (
        "item() は float32 が持つ値をそのまま見せる。0.1 なら 0.10000000149011612 で、Python "
        "の 0.1 とは等しくない。テンソルの表示は 4 桁に丸めてある。float64 のテンソルからは、"
        "Python の float がそのまま戻る。"
    ),
    "1.1.8": (
        "損失のような 0 次元のテンソルは、列ではない。len(loss) と反復は TypeError、loss[0] "
        "は IndexError になる。f'{loss:.4f}' のような書式指定は 0 次元でだけ使え、次元があると "
        "TypeError である。"
    ),
    "1.1.9": (
        "dict や set は、テンソルを値ではなく同一性で区別する。値の等しい別のテンソルでは見つから"
        "ない。キーには item() や tolist() の値を使う。"
    ),
    "1.2.1": "requires_grad=True で作ったテンソルは、自動微分の対象になる。",
    "1.2.2": (
        "backward() が勾配を計算し、.grad がそれを保持する。sum(x**2) の勾配は、正確に 2x である。"
    ),
    "1.2.3": "y = a*x + b の x に関する勾配は a である。",
    "1.2.4": (
        "計算結果を表示すると grad_fn の名前が見える (足し算の後なら AddBackward0)。葉テンソルの表"
        "示には requires_grad=True が付く。"
    ),
    "1.2.5": (
        "微分可能な演算の結果が grad_fn を持つのは、勾配モードが有効なときに、requires_grad=True "
        "の入力を使って計算された場合に限る。backward() を呼べるのも、その場合だけである。"
        "比較、argmax、整数への変換は微分可能な演算ではない。"
    ),
    "1.2.6": "requires_grad=True のテンソルには in-place 演算ができない。",
    "1.2.7": "微分するには、Tensor 型で requires_grad=True であれば十分である。",
    "1.2.8": (
        "retain_grad() を呼んだ場合を除き、.grad が入るのは葉テンソルだけである。2 回目の "
        "backward() は .grad に加算する。要素が複数ある結果には gradient 引数が要る。値を保存した"
        "グラフは、最初の backward() で解放される。"
    ),
    "1.3.1": "from_numpy は、配列の形状と値を保つ。",
    "1.3.2": (
        "テンソルの dtype は配列に従う。NumPy の既定の浮動小数点型からは float64 になり、"
        "PyTorch の既定である float32 にはならない。"
    ),
    "1.3.3": (
        "from_numpy のテンソルは、層が前提とする float32 に、float() か to(torch.float32) "
        "で変換しておくのがよい。float64 のテンソルを変換するとメモリは共有されなくなる。"
        "float32 のテンソルなら、copy=True や別のメモリ形式を指定しない限り、そのテンソル自身が返"
        "る。"
    ),
    "1.3.4": (
        "from_numpy のテンソルは配列とメモリを共有する。どちらに書き込んでも、もう一方に反映される"
        "。"
    ),
    "1.3.5": "from_numpy(a.copy()) のテンソルは、a から独立している。",
    "1.3.6": "copy() は、detach() と並んで知っておくべきメソッドである。",
    "1.3.7": (
        "from_numpy は、共有できないものを拒否する。負のストライド、要素の途中を指すストライド、"
        "異なるバイト順は ValueError、PyTorch に無い dtype (2.3 より前は uint16、uint32、"
        "uint64 も) と、配列でないものは TypeError である。読み取り専用の配列には、プロセスごとに"
        " 1 回警告を出す。ストライドが原因なら複製を、バイト順や dtype が原因なら astype() "
        "の結果を受け付ける。"
    ),
    "1.3.8": (
        "読み取り専用の配列のテンソルも配列とメモリを共有し、テンソルに書き込むと、NumPy "
        "が保護している配列が変わる。from_numpy(array.copy()) と torch.tensor(array) なら、"
        "配列に書き込むことも警告が出ることもない。"
    ),
    "1.3.9": (
        "as_tensor(array)、asarray(array)、from_dlpack(array) は、from_numpy と同じく配列とメモリ"
        "を共有する (asarray は、配列に次元があるときだけである)。別の dtype を指定すると、"
        "as_tensor と asarray は複製する。asarray(copy=True) は必ず複製し、copy=False は、"
        "複製が要るものを拒否する (ValueError)。torch.tensor は決して共有しない。"
    ),
    "1.3.10": (
        "torch.tensor は、Python の数からは int64、bool、complex64 を、float からは既定の "
        "dtype である float32 を作り、リストでは最も広いものに合わせる。NumPy の数の dtype "
        "は保つ。torch.Tensor は、どのリストや配列からも float32 を作り、float32 の配列とはメモリ"
        "を共有する。torch.Tensor(3) は、メモリに残っていた値の 3 要素である。"
    ),
    "1.3.11": (
        "+ - * / のどちら側に NumPy の数があっても、浮動小数点数のテンソルの dtype と勾配は保たれ"
        "る。配列では違う。tensor * array は NumPy が広いほうの dtype で計算し、テンソルが "
        "requires_grad=True なら拒否する (RuntimeError)。array * tensor、np.sum(tensor)、"
        "torch.exp(array) は TypeError になる。先にどちらかへ変換する。"
    ),
    "1.3.12": (
        "torch.tensor は、配列のリストを数 1 個ずつ取り込むので遅く、警告を出す。torch.from_numpy"
        "(np.stack(arrays)) なら、同じものが一度にできる。長さの異なる行は拒否する (ValueError)。"
    ),
    "1.4.1": (
        "numpy() の配列はテンソルとメモリを共有する。どちらに書き込んでも、もう一方に反映される。"
        "bfloat16 など、NumPy に無い dtype は拒否する (TypeError)。"
    ),
    "1.4.2": "clone().numpy() の配列は、テンソルから独立している。",
    "1.4.3": (
        "torch.tensor(array) は自分用の複製を作り、配列の dtype を保つ。複製するにもかかわらず、"
        "from_numpy が拒否する配列を、同じように拒否する。"
    ),
    "1.4.4": (
        "アクセラレータ上のテンソルは、numpy() だけでは配列にできない。先に to('cpu') が必要で、"
        "numpy(force=True) はそれも行う。"
    ),
    "1.4.5": (
        "requires_grad=True のテンソルは、numpy() だけでは配列にできない (RuntimeError)。"
        "先に detach() が必要で、numpy(force=True) はそれも行う。detach() の戻り値は元のテンソルと"
        "メモリを共有するので、clone() にはなお意味がある。no_grad の中のように勾配モードが無効な"
        "ら、numpy() はそのテンソルのままで受け付け、メモリを共有する。"
    ),
    "1.4.6": (
        "x.to('cpu').detach().clone().numpy() は、x がどこにあっても、勾配の有無によらず、"
        "NumPy にあるすべての dtype で使え、得られる配列は x から独立している。"
    ),
    "1.4.7": "この変換を示した記事のコードは、載っているとおりに動く。",
    "1.4.8": (
        "x.detach().cpu().numpy() と numpy(force=True) は、CPU のテンソルとはメモリを共有し、"
        "アクセラレータのテンソルは複製する。x がどこにあっても独立した配列になるのは、clone() "
        "か array.copy() を使ったときだけである。"
    ),
    "1.4.9": (
        "np.asarray(tensor) は numpy() と同じくメモリを共有し、requires_grad=True のテンソルを同じ"
        "ように拒否する。np.array(tensor) は複製し、別の dtype への np.asarray も複製する。"
    ),
    "1.4.10": (
        "conj() は複素数のテンソルに印を付けるだけである。numpy() は、その印の付いたものと、"
        "その虚部を拒否する (RuntimeError)。resolve_conj() と resolve_neg() が値を計算し、"
        "clone() と numpy(force=True) もそうする。このときの配列は自分のメモリを持つ。"
    ),
    "1.4.11": (
        "bfloat16 や float8 のテンソルは、float() を経れば、値をすべて保ったまま配列になる。"
        "numpy(force=True) は numpy() と同じく拒否する。tolist() はそのままで受け付ける。"
    ),
    "1.4.12": (
        "テンソルに対する torch.tensor(x) は、グラフを除いて複製し、警告を出す。x.detach().clone("
        ") なら、同じものが警告なしで得られる。別の dtype やデバイスを指定しない限り、as_tensor(x"
        ") は x 自身である。"
    ),
    "1.4.13": (
        "torch.tensor、as_tensor、torch.Tensor がテンソルのリストを受け付けるのは、どれも要素が "
        "1 個のときだけで (そうでなければ ValueError)、勾配は失われる。torch.stack は同じ形状のテ"
        "ンソルなら何でも受け付け、勾配を保つ。"
    ),
    "1.4.14": (
        "share_memory_() はテンソルを別のメモリへ移す。from_numpy の配列は元の場所に残り、"
        "numpy() の配列は、もう無いメモリを指したままになるので、読むだけで異常終了することがある"
        "。先に移し、それから変換する。共有している間は、どちらも大きくできない。テンソルの "
        "resize_() は RuntimeError、配列の resize() は ValueError になる。"
    ),
    "2.1.1": (
        "Linear や Conv2d の layer.weight と layer.bias は nn.Parameter である。requires_grad=Tru"
        "e で、表示は 'Parameter containing:' で始まる。Linear(3, 2) の weight の形状は (2, "
        "3)、bias の形状は (2,) である。"
    ),
    "2.1.2": "Linear を表示すると、in_features、out_features、bias が見える。",
    "2.1.3": "weight.data は、勾配を持たない普通の Tensor である。メモリは weight と共有する。",
    "2.2.1": (
        "nn.init の関数のうち名前が _ で終わるものは、パラメータをその場で書き換え、そのパラメータ"
        "を返す。requires_grad=True の Parameter であることは変わらず、自動微分には何も記録されな"
        "い。"
    ),
    "2.2.2": (
        "normal_(w, mean, std) は指定した正規分布から、uniform_(w, a, b) は指定した一様分布から値"
        "を取り、constant_(w, c) は全要素を c にする。"
    ),
    "2.2.3": (
        "xavier_normal_(w, gain) は、平均 0、標準偏差 gain * sqrt(2 / (fan_in + fan_out)) "
        "の正規分布から値を取る。"
    ),
    "2.2.4": "He の初期化は nn.init.kamiming_normal_ である。",
    "2.2.5": "バイアスも、重みと同じ方法で初期化できる。",
    "2.2.6": "nn.Linear は、何も指定しなければ He の方法で初期化される。",
    "2.3.1": (
        "net.parameters() は Parameter を定義順に返す。モジュール自身の Parameter は、その中のモジ"
        "ュールのものより先に来る。Conv2d、BatchNorm2d、ReLU からなるモデルなら、畳み込みの "
        "weight と bias、続いてバッチ正規化の weight (すべて 1) と bias (すべて 0) で、ReLU "
        "からは何も出ない。"
    ),
    "2.3.2": (
        "モデルを表示すると、属性である各モジュールの名前と主な引数が見える。バッチ正規化の引数は"
        "、特徴数、eps、momentum、affine、track_running_stats である。"
    ),
    "2.3.3": (
        "net.state_dict().keys() は conv1.weight、conv1.bias、bn.weight、bn.bias、bn.running_mean"
        "、bn.running_var、bn.num_batches_tracked の 7 つの名前をこの順に持ち、odict_keys([...]) "
        "と表示される。"
    ),
    "2.3.4": "モデルのパラメータの名前は net.state_dict().keys() である。",
    "2.4.1": (
        "オプティマイザは net.parameters() を受け取る。step() はその Parameter だけを in-place "
        "で更新し、.grad が None のものは飛ばす。"
    ),
    "2.4.2": (
        "optimizer.param_groups は、すべての設定とパラメータを収めた辞書のリストである。[0]['lr']"
        " は渡した学習率、[0]['params'][0] はモデルの最初のパラメータそのものである。そこで設定し"
        "た学習率は次の step から効く。学習率の無いグループには、オプティマイザのものが使われる。"
    ),
    "2.4.3": (
        "オプティマイザは、渡された Parameter オブジェクトを持ち続ける。後からモデルに入れた層や "
        "Parameter は、add_param_group() か新しいオプティマイザに渡すまで更新されない。"
    ),
    "2.4.4": (
        "勾配 0 は None とは違う。momentum、weight decay、Adam、AdamW では、勾配が 0 でも "
        "step でパラメータが動く。None なら動かない。"
    ),
    "2.4.5": (
        "SGD は勾配 g (maximize なら -g) に weight_decay * w を加える。v は最初の step では "
        "g、2 回目からは momentum * v + (1 - dampening) * g である。w は -lr * v だけ、nesterov "
        "なら -lr * (g + momentum * v) だけ動く。"
    ),
    "2.4.6": (
        "オプティマイザは、計算で得たテンソルを拒否する (ValueError)。x * 0.01、x.clone()、"
        "別の dtype やデバイスへの x.to() がそうである。detach().requires_grad_() で葉テンソルにす"
        "ればよい。空のリストや、2 つのグループに入った 1 つのパラメータも拒否する。勾配を持たない"
        "テンソルは受け付けるが、動かすことはない。"
    ),
    "2.4.7": (
        "backward() は、zero_grad() を呼ぶまで .grad に加算し続ける。zero_grad() はそのオプティマ"
        "イザのパラメータの勾配を、PyTorch 2.0 からは None に、それより前は 0 にする。set_to_none"
        "=False なら今も 0 になる。"
    ),
    "2.4.8": (
        "別のオプティマイザの state_dict() を読み込むと、その学習率も引き継ぎ、自分のパラメータで"
        "まったく同じように続ける。PyTorch 2.1 からは、copy.deepcopy で複製しない限り、両者がバッ"
        "ファを共有する。パラメータの数が違えば拒否する。"
    ),
    "3.1": (
        "eval() は、Dropout や BatchNorm など特定のモジュールの動作を変える。Linear、Conv2d、"
        "ReLU の結果は、どちらのモードでも同じである。"
    ),
    "3.2": (
        "eval() は train(False) と同じである。そのモジュールと内部の全モジュールの training "
        "を False にし、モジュール自身を返す。"
    ),
    "3.3": (
        "学習時の Dropout は、各要素を確率 p で 0 にし、残りを 1/(1-p) 倍する。評価時は入力をその"
        "まま返す。"
    ),
    "3.4": (
        "学習時の BatchNorm は、そのバッチの平均と (不偏でない) 分散で正規化し、移動統計量を、"
        "バッチの平均と不偏分散に向けて 1 割だけ動かす。"
    ),
    "3.5": "評価時の BatchNorm は、移動統計量で正規化し、それを変更しない。",
    "3.6": "eval() は dropout とバッチ正規化を無効にする。",
    "3.7": (
        "eval() は勾配に影響しない。勾配モードも各 requires_grad も元のままで、backward() "
        "も使える。"
    ),
    "4.1": "no_grad ブロックでは、入力がどうであれ、計算結果はすべて requires_grad=False になる。",
    "4.2": (
        "no_grad は、終わりまで実行しても、return や break で抜けても、どんな例外で抜けても、"
        "ブロックとともに終わる。"
    ),
    "4.3": (
        "no_grad はメモリを節約できる。ブロックの中の計算は、呼ばれることのない backward() "
        "のために何も保存しないからである。"
    ),
    "4.4": (
        "no_grad の中で計算した結果に対する backward() は、拒否される (RuntimeError。ビューに対し"
        "ては受け付けるが、何も与えない)。その後の計算では、そのような結果は定数として扱われる。"
        "前に記録された結果を no_grad の中で in-place に変更した場合は受け付けるが、勾配はその変更"
        "を無視する (上書きした値が勾配のために保存されていた場合は拒否する)。backward() "
        "そのものは no_grad の中でも呼べる。"
    ),
    "4.5": (
        "set_grad_enabled(mode) は、引数 (bool に限る) によって勾配計算を有効にも無効にもする。"
        "そのため、学習と検証を 1 つのコードで書ける。"
    ),
    "4.6": (
        "set_grad_enabled は、コンテキストマネージャとして使えば、ブロックが例外で終わる場合も含め"
        "、終わりに元のモードへ戻す。関数として呼べばただちに切り替え、次の呼び出しか、それを囲む"
        "勾配モードのブロックの終わりまで、そのままにする。"
    ),
    "4.7": (
        "set_grad_enabled(False) のブロック、関数呼び出し set_grad_enabled(True)、関数呼び出し "
        "set_grad_enabled(False) の順に計算すると、結果の requires_grad は順に False、True、"
        "False になる。"
    ),
    "4.8": (
        "enable_grad の中では set_grad_enabled(False) は効かない (記事は当時のドキュメントを引用し"
        "ている)。"
    ),
    "4.9": (
        "勾配モードはスレッドごとに決まる。新しいスレッドは、ほかのスレッドがどうであれ勾配計算が"
        "有効な状態で始まり、自分のモードを保つ。"
    ),
    "4.10": "no_grad() と set_grad_enabled(False) は、どの計算結果にも同じ効果を持つ。",
    "4.11": (
        "no_grad の中で作った葉テンソルでも、requires_grad=True になりうる。requires_grad=True "
        "を指定したテンソルや、新しい層のパラメータがそうである。"
    ),
    "4.12": (
        "requires_grad=True のテンソルから no_grad の中で作ったビューには、no_grad の中なら書き込"
        "めるが、外では書き込めない (RuntimeError)。no_grad の中でそのビューか元のテンソルに書き込"
        "むと (オプティマイザの step() による重みの更新もこれに当たる)、外ではそのビューを使った計"
        "算も拒否される。代わりに、ブロックの中で detach() か clone() を取るとよい。勾配を要求しな"
        "いテンソルのビューには、勾配が入ってくるまで、どこでも書き込める。"
    ),
    "4.13": (
        "inference_mode は no_grad と同じ値を与えるが、その結果は自動微分から締め出される。"
        "外では、勾配のために保存すること (学習する層に渡すとそうなる)、in-place に変更すること、"
        "requires_grad_() が、RuntimeError になる。no_grad の結果はこの 3 つをすべて許す。"
        "外で取った clone() や、通常のテンソルのビューもそうである。"
    ),
    "4.14": (
        "inference_mode の中では、enable_grad() や set_grad_enabled(True) は何も記録しない。"
        "is_grad_enabled() が True を返していてもである。inference_mode(False) の中なら記録する。"
        "inference_mode の中で作った層は requires_grad=True を示すが、学習できない。その "
        "deepcopy は学習できる。"
    ),
    "4.15": (
        "@torch.no_grad() は、関数やメソッドの呼び出しごとに勾配計算を無効にし、終われば呼び出し側"
        "のモードに戻す。PyTorch 2.1 からは、かっこの無いデコレータとしても使える (それより前は "
        "TypeError)。クラスに付けると、コンストラクタだけに働く。かっこの無い `with torch.no_grad"
        ":` は、どのリリースでもエラーになる。torch.no_grad() と呼ぶだけでは、何も起こらない。"
    ),
    "4.16": (
        "デコレータとしての set_grad_enabled(False) は、PyTorch 2.2 からは、その関数の呼び出しの間"
        "だけ働く。それより前は、関数を修飾しただけで、プログラムの残り全体の勾配計算が無効になっ"
        "た。"
    ),
    "4.17": (
        "no_grad() で修飾したジェネレータ関数は何も記録せず、それを使う側は自分のモードを保つ。"
        "ジェネレータの中の no_grad ブロックは、ジェネレータが yield で待つ間、使う側にも及ぶ。"
    ),
    "4.18": (
        "1 つのイベントループのタスクは、スレッドの勾配モードを共有する。await を含む no_grad "
        "ブロックは、その間ほかのタスクの勾配計算も無効にし、2 つのブロックが重なると、無効のまま"
        "になることがある。@torch.no_grad() は async 関数には効かない。await を含まないブロックは"
        "安全である。"
    ),
    "4.19": (
        "no_grad のオブジェクトは、ブロックからブロックへと使い回せる。しかし同時に 2 回入ると、"
        "勾配計算は無効のままになる。set_grad_enabled のオブジェクトは作った時点で働き、そのブロッ"
        "クは作る前のモードへ戻す。__enter__() で入ったモードは、__exit__() まで続く。ブロックごと"
        "に新しく `with torch.no_grad():` と書けば、どれも起こらない。"
    ),
    "4.20": (
        "no_grad は、その前に記録されたものを解放しない。history.append(h[0]) のようにブロックの中"
        "で取っておいたビューは h のグラフを生かし続け、どのビューも元のテンソルのメモリ全体を保持"
        "する。ブロックの中で取った h[0].item() や h[0].clone() は、どちらも保持しない。h[0].deta"
        "ch() はグラフを解放する。"
    ),
    "4.21": (
        "評価には両方が要る。no_grad() だけでは、dropout は働き続け、バッチ正規化の統計量も動く。"
        "eval() だけでは、グラフが記録され、そのための値が保存される。両方を使い、後で train() "
        "を呼べば、学習は何事も無かったかのように続く。set_grad_enabled(False) と呼んだだけにして"
        "おくと、その後の学習では backward() が拒否する。"
    ),
    "4.22": (
        "層の requires_grad_(False) は、その層だけを凍結し、前の層へは勾配を通す。no_grad "
        "の中で層を実行したり、結果を detach したりすると、勾配はそこで止まり、前の層も学習しない"
        "。全体を凍結したネットでも、勾配を要求する入力には勾配を与える。そのような入力が無ければ"
        "、backward() は拒否する (RuntimeError)。"
    ),
    "4.23": (
        "no_grad の中の w -= lr * w.grad は葉テンソルそのものを更新し、それは requires_grad=True "
        "のままである。w = w - lr * w.grad は勾配を要求しない別のテンソルを作るので、次の "
        "backward() が拒否する。no_grad の外では、前者は拒否され、後者の結果は葉テンソルでない。"
    ),
    "4.24": (
        "1 つの autocast ブロックの中で勾配なしで計算すると、以前は、キャストした重みが次の計算に"
        "そのまま使われ、重みに勾配が届かなかった。PyTorch 2.11 からは届く。それより前のリリースで"
        "は、計算ごとに autocast ブロックを分けるか、cache_enabled=False を指定するとよい。"
    ),
    "5.1": (
        "nn.ReLU と nn.functional.relu は、どの入力に対しても同じ値 max(x, 0) と同じ勾配を与える。"
        "勾配は正の数で 1、0 と負の数で 0 である。NaN は NaN のままである。"
    ),
    "5.2": "nn.ReLU() は Module を作る。nn.Sequential に入れられ、パラメータを持たない。",
    "5.3": (
        "nn.functional.relu は関数である。nn.Sequential には拒否され、forward の中で呼んで使う。"
    ),
    "5.4": (
        "print(model) には、モデルに登録された nn.ReLU がすべて現れ、nn.functional.relu は決して現"
        "れない。"
    ),
    "5.5": (
        "inplace=True の ReLU は入力に書き込み、その入力を返す。既定では入力を変更しない。"
        "in-place の ReLU は、requires_grad=True の葉テンソル、そのビュー、expand されたテンソルを"
        "拒否する。"
    ),
    "5.6": (
        "relu は bool と複素数のテンソルを拒否する。PyTorch 2.15 より前は uint16、uint32、"
        "uint64 も拒否する。"
    ),
    "5.7": (
        "nn.ReLU は状態を持たないので、1 つをモデルの複数の場所で使える。forward hook はその呼び出"
        "しをすべて見るが、nn.functional.relu の呼び出しは見ない。"
    ),
    "5.8": (
        "relu は勾配のために自身の結果を保存する。そのため、結果を in-place で変更する (y "
        "+= x) と backward() が拒否する。y = y + x なら問題ない。ReLU(inplace=True) は、入力だけを"
        "保存する演算や何も保存しない演算 (Linear、Conv2d、BatchNorm、*、+ など) の後では使えるが"
        "、自身の結果を保存する演算 (exp、sqrt、sigmoid、tanh、softmax、relu) の後では使えない。"
    ),
    "5.9": (
        "ReLU(inplace=True) は結果のためのメモリを確保しない。Linear と ReLU が backward() "
        "のために保存する量は、inplace の有無によらず同じである。"
    ),
    "5.10": (
        "nn.ReLU(x) は何も計算しない。inplace が x であるモジュールを作るだけで、x の要素が複数な"
        "ら、それを呼び出したり表示したりすると RuntimeError になる。正しくは nn.ReLU()(x) "
        "または F.relu(x) である。nn.Sequential は、かっこを付けない nn.ReLU を拒否する。"
    ),
    "5.11": (
        "relu(x)、x.clamp(min=0)、torch.maximum(x, 0) の値は同じだが、0 での勾配は異なる。"
        "relu は 0、maximum は 0.5、clamp は PyTorch 2.14 より前は 1、2.14 からは 0 である。"
    ),
}

#: What is true, of the claims that were corrected or have drifted.
TRUTHS = {
    "1.2.6": (
        "拒否する (RuntimeError) のは葉テンソルとそのビューだけで、それも no_grad の中なら受け付け"
        "る。自分のメモリを持つ計算結果は受け付け、勾配も正しく求まる。ただし、上書きした値が勾配"
        "のために保存されていた場合 (exp は自身の結果を保存する) は、backward() のほうが拒否する。"
    ),
    "1.2.7": (
        "dtype が浮動小数点数か複素数であることも必要である。整数や bool のテンソルに requires_gr"
        "ad=True を指定すると、RuntimeError になる。"
    ),
    "1.3.6": (
        "copy() は NumPy 配列のメソッドである。Tensor には無く (AttributeError)、自分のメモリを持"
        "つ複製を作るのは clone() である。clone() は、勾配を元のテンソルへ伝える。"
    ),
    "1.4.7": (
        "名前 device を、代入する 1 行前で使っている。そのため、新しいセッションでは NameError "
        "になる。2 行を入れ替えれば動く。"
    ),
    "2.2.4": (
        "その名前の関数は無い。正しくは (Kaiming He にちなむ) kaiming_normal_ で、平均 0、"
        "標準偏差 sqrt(2 / fan_in) の正規分布から値を取る。"
    ),
    "2.2.5": (
        "normal_、uniform_、constant_ は、バイアスにも同じように働く。Xavier と He の初期化は "
        "ValueError で拒否する。バイアスは 1 次元だが、fan_in と fan_out は 2 次元以上でしか定義さ"
        "れないためである。"
    ),
    "2.2.6": (
        "重みもバイアスも、-1/sqrt(fan_in) から 1/sqrt(fan_in) までの一様分布から値を取る。"
        "分散は 1/(3*fan_in) で、He の 2/fan_in の 6 分の 1 であり、分布の形も正規分布ではない。"
    ),
    "2.3.2": (
        "各モジュールは今も表示される。ただし、BatchNorm2d に引数 bias が加わったため、その行に "
        "bias=True が増えた。"
    ),
    "2.3.4": (
        "state_dict() には、パラメータではないバッファの名前も入る。バッチ正規化の running_mean、"
        "running_var、num_batches_tracked がそれである。パラメータの名前だけを返すのは named_para"
        "meters() である。"
    ),
    "3.6": (
        "dropout はそのとおりである。バッチ正規化は評価時も正規化、スケール、シフトを行い、"
        "変わるのは統計量の出どころ (バッチから移動統計量へ) だけである。異なるデータを見てきた "
        "2 つの層は、評価時に異なる結果を返す。"
    ),
    "4.1": (
        "新しいメモリに計算した結果については、そのとおりである。ブロックの中で作ったビュー "
        "(x[0]、x.unsqueeze(0)、x.transpose(0, -1)) は、x が requires_grad=True なら、やはり "
        "requires_grad=True を示す。しかし grad_fn は無く、勾配も流れない (x.detach() と、"
        "整数として見たビューは False を示す)。x が float32 のときの x.float() のように x "
        "自身を返すものや、x に書き込むものは、x をそのままにする。そして、求めれば requires_grad"
        "=True になる。ブロックの中で作った葉テンソル、その deep copy、create_graph=True "
        "を指定した autograd.grad の結果がそうである。"
    ),
    "4.8": (
        "効く。コンテキストをどの順に入れ子にしても、最も内側のブロック、またはその中での最後の呼"
        "び出しが決める。PyTorch 自身も勾配計算を無効にする。自作の autograd.Function の "
        "forward の中と、create_graph=True でないときの、その backward の中と、backward() "
        "が呼ぶフックの中である。引用された一文は、現在のドキュメントには無い。"
    ),
}

#: The questions that claims answer.
QUESTIONS = {
    "1.1.3": "テンソルを Scalar に変換できないのはなぜか。",
    "1.1.4": "テンソルを int や float にするには。",
    "1.1.5": "テンソルの真偽値があいまいだと言われるのはなぜか。",
    "1.1.6": "数のリストを得るには。取っておいた x[0] が変わったのはなぜか。",
    "1.1.7": "item() が 0.1 ではなく 0.10000000149011612 になるのはなぜか。",
    "1.1.8": "invalid index of a 0-dim tensor と言われたらどうするか。",
    "1.1.9": "テンソルが dict や set の中に見つからないのはなぜか。",
    "1.3.7": "from_numpy が配列を拒否するのはなぜか。代わりに何なら受け付けるか。",
    "1.3.8": "The given NumPy array is not writable という警告は害になるか。",
    "1.3.9": "from_numpy、as_tensor、asarray、torch.tensor のうち、メモリを共有するのはどれか。",
    "1.3.10": "torch.tensor と torch.Tensor は何が違うか。",
    "1.3.11": "NumPy の配列とテンソルを 1 つの式に混ぜてよいか。",
    "1.3.12": "numpy.ndarray のリストからテンソルを作ると非常に遅いのはなぜか。",
    "1.4.8": "テンソルを変えると配列も変わる。なぜか。",
    "1.4.9": "tensor.numpy()、np.asarray(tensor)、np.array(tensor) のどれを使うか。",
    "1.4.10": "Can't call numpy() on Tensor that has conjugate bit set と言われたらどうするか。",
    "1.4.11": "Got unsupported ScalarType BFloat16 と言われる。どう変換するか。",
    "1.4.12": "To copy construct from a tensor という警告は害になるか。",
    "1.4.13": "テンソルのリストを、勾配を保ったまま 1 つのテンソルにするには。",
    "1.4.14": "配列がテンソルに追随しなくなったり、異常終了したりするのはなぜか。",
    "2.4.3": "最後の層を取り替えたのに学習されない。なぜか。",
    "2.4.4": "勾配が 0 の重みが変わるのはなぜか。",
    "2.4.5": "momentum、dampening、nesterov は正確には何をするのか。",
    "2.4.6": "can't optimize a non-leaf Tensor と言われた。何がいけないのか。",
    "2.4.7": "なぜ zero_grad() が必要なのか。その後で .grad が None になるのはなぜか。",
    "2.4.8": "同じオプティマイザで学習を再開するには。",
    "4.11": "no_grad の中で、モデルや requires_grad=True のテンソルを作ってもよいのか。",
    "4.12": (
        '"A view was created in no_grad mode and is being modified inplace" と出た。何がいけないの'
        "か。"
    ),
    "4.13": (
        'inference_mode と no_grad のどちらを使うのか。"Inference tensors cannot be saved '
        'for backward" とは何か。'
    ),
    "4.14": "inference_mode の中で enable_grad() が効かず、作ったモデルも学習できないのはなぜか。",
    "4.15": "@torch.no_grad か、@torch.no_grad() か。",
    "4.16": (
        "@torch.set_grad_enabled(False) を付けたら、プログラム全体で勾配が出なくなった。なぜか。"
    ),
    "4.17": "no_grad はジェネレータにも効くのか。呼び出し側の勾配まで無くなるのはなぜか。",
    "4.18": "asyncio のコードで no_grad を使っても安全か。",
    "4.19": "no_grad はとうに終わったのに、何も requires_grad=True にならない。なぜか。",
    "4.20": "no_grad の中で結果を集めているのに、メモリが増え続けるのはなぜか。",
    "4.21": "model.eval() と torch.no_grad() は両方とも要るのか。",
    "4.22": (
        "モデルの一部を凍結するには、requires_grad=False、no_grad、detach() のどれを使うのか。"
    ),
    "4.23": "重みを手で更新するにはどう書くのか。更新すると w.grad が None になるのはなぜか。",
    "4.24": "autocast の中で no_grad の計算をした後、重みに勾配が出ないのはなぜか。",
    "5.5": "inplace=True は何をするのか。",
    "5.6": (
        "clamp is not supported for complex types と言われた。relu はどのテンソルを受け付けるのか。"
    ),
    "5.7": "nn.ReLU と F.relu のどちらを使うべきか。1 つの nn.ReLU を 2 回使ってもよいか。",
    "5.8": (
        "ReLU の後に out += residual とすると modified by an inplace operation になる。in-place "
        "はいつ安全か。"
    ),
    "5.9": "ReLU(inplace=True) でメモリは減るのか。",
    "5.10": (
        "Boolean value of Tensor with more than one value is ambiguous。nn.ReLU(x) のどこが誤りか。"
    ),
    "5.11": "relu、clamp(min=0)、maximum(x, 0) は同じものか。",
}
