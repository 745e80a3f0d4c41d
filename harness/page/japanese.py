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
        "item() は、要素が 1 個のテンソルを、形状によらず Python の数にする。"
        "int、float、bool、complex のどれになるかは dtype で決まる。"
    ),
    "1.1.2": "かっこを付けない item は、ただのメソッドである。",
    "1.1.3": (
        "item() は、要素が複数のテンソルや空のテンソルを拒否する。送出する例外は、"
        "PyTorch 2.0 より前は ValueError、2.0 からは RuntimeError である。"
    ),
    "1.1.4": (
        "要素が 1 個なら、形状によらず、int()、float()、complex()、bool() で Python の数になる。"
        "int() は 0 の方向へ切り捨て、NaN (ValueError) と無限大 (OverflowError) を拒否する。"
        "int() と float() は虚部のある数を拒否し (RuntimeError)、bool() が False になるのは 0 "
        "だけである。最大の int64 を超える uint64 は int() と bool() が拒否し、item() "
        "なら取り出せる。"
    ),
    "1.1.5": (
        "要素が複数のテンソルや空のテンソルは、真でも偽でもない。bool()、if、while、assert、not、"
        "and、or、リストに対する in は RuntimeError に、int()、float()、complex() は ValueError "
        "になる。any() と all() は、真偽の決まる要素 1 個を返す。"
    ),
    "1.1.6": (
        "tolist() は Python の数を、次元のとおり入れ子にしたリストで返す。反復や添字で得られるのは"
        "テンソルである。x[0] はビューなので x とともに変わるが、item() で得た数は変わらない。"
    ),
    "1.1.7": (
        "item() は float32 が持つ値をそのまま見せる。0.1 なら 0.10000000149011612 で、Python の "
        "0.1 とは等しくない。テンソルの表示は 4 桁に丸めてある。float64 のテンソルからは、Python "
        "の float がそのまま戻る。"
    ),
    "1.1.8": (
        "損失のような 0 次元のテンソルは、列ではない。len(loss) と反復は TypeError、loss[0] は "
        "IndexError になる。f'{loss:.4f}' のような書式指定は 0 次元でだけ使え、次元があると "
        "TypeError である。"
    ),
    "1.1.9": (
        "dict や set は、テンソルを値ではなく同一性で区別する。"
        "値の等しい別のテンソルでは見つからない。キーには item() や tolist() の値を使う。"
    ),
    "1.2.1": "requires_grad=True で作ったテンソルは、自動微分の対象になる。",
    "1.2.2": (
        "backward() が勾配を計算し、.grad がそれを保持する。sum(x**2) の勾配は、正確に 2x である。"
    ),
    "1.2.3": "y = a*x + b の x に関する勾配は a である。",
    "1.2.4": (
        "計算結果を表示すると grad_fn の名前が見える (足し算の後なら "
        "AddBackward0)。葉テンソルの表示には requires_grad=True が付く。"
    ),
    "1.2.5": (
        "微分可能な演算の結果が grad_fn を持つのは、勾配モードが有効なときに、"
        "requires_grad=True の入力を使って計算された場合に限る。backward() "
        "を呼べるのも、その場合だけである。比較、argmax、整数への変換は微分可能な演算ではない。"
    ),
    "1.2.6": "requires_grad=True のテンソルには in-place 演算ができない。",
    "1.2.7": "微分するには、Tensor 型で requires_grad=True であれば十分である。",
    "1.2.8": (
        "retain_grad() を呼んだ場合を除き、.grad が入るのは葉テンソルだけである。"
        "2 回目の backward() は .grad に加算する。要素が複数ある結果には "
        "gradient 引数が要る。値を保存したグラフは、最初の backward() "
        "で解放される。"
    ),
    "1.3.1": "from_numpy は、配列の形状と値を保つ。",
    "1.3.2": (
        "テンソルの dtype は配列に従う。NumPy の既定の浮動小数点型からは "
        "float64 になり、PyTorch の既定である float32 にはならない。"
    ),
    "1.3.3": (
        "from_numpy のテンソルは、層が前提とする float32 に、float() "
        "か to(torch.float32) で変換しておくのがよい。float64 のテンソルを変換するとメモリは共有"
        "されなくなる。float32 のテンソルなら、copy=True や別のメモリ形式を指定しない限り、"
        "そのテンソル自身が返る。"
    ),
    "1.3.4": (
        "from_numpy のテンソルは配列とメモリを共有する。どちらに書き込んでも、"
        "もう一方に反映される。"
    ),
    "1.3.5": "from_numpy(a.copy()) のテンソルは、a から独立している。",
    "1.3.6": "copy() は、detach() と並んで知っておくべきメソッドである。",
    "1.3.7": (
        "from_numpy は、共有できないものを拒否する。負のストライド、要素の途中を指すストライド、"
        "異なるバイト順は ValueError、PyTorch に無い dtype "
        "(2.3 より前は uint16、uint32、uint64 も) と、配列でないものは TypeError である。"
        "読み取り専用の配列には、プロセスごとに 1 回警告を出す。ストライドが原因なら複製を、"
        "バイト順や dtype が原因なら astype() の結果を受け付ける。"
    ),
    "1.3.8": (
        "読み取り専用の配列のテンソルも配列とメモリを共有し、テンソルに書き込むと、NumPy が保護して"
        "いる配列が変わる。from_numpy(array.copy()) と torch.tensor(array) なら、"
        "配列に書き込むことも"
        "警告が出ることもない。"
    ),
    "1.3.9": (
        "as_tensor(array)、asarray(array)、from_dlpack(array) は、from_numpy と同じく配列とメモリを"
        "共有する (asarray は、配列に次元があるときだけである)。別の dtype を指定すると、"
        "as_tensor と "
        "asarray は複製する。asarray(copy=True) は必ず複製し、copy=False は、"
        "複製が要るものを拒否する "
        "(ValueError)。torch.tensor は決して共有しない。"
    ),
    "1.3.10": (
        "torch.tensor は、Python の数からは int64、bool、complex64 を、float からは既定の dtype "
        "である float32 を作り、リストでは最も広いものに合わせる。NumPy の数の dtype は保つ。"
        "torch.Tensor は、どのリストや配列からも float32 を作り、float32 の配列とはメモリを"
        "共有する。torch.Tensor(3) は、メモリに残っていた値の 3 要素である。"
    ),
    "1.3.11": (
        "+ - * / のどちら側に NumPy の数があっても、浮動小数点数のテンソルの dtype と勾配は"
        "保たれる。"
        "配列では違う。"
        "tensor * array は NumPy が広いほうの dtype で計算し、テンソルが requires_grad=True なら"
        "拒否する (RuntimeError)。array * tensor、np.sum(tensor)、torch.exp(array) は TypeError に"
        "なる。先にどちらかへ変換する。"
    ),
    "1.3.12": (
        "torch.tensor は、配列のリストを数 1 個ずつ取り込むので遅く、警告を出す。"
        "torch.from_numpy(np.stack(arrays)) なら、同じものが一度にできる。"
        "長さの異なる行は拒否する (ValueError)。"
    ),
    "1.4.1": (
        "numpy() の配列はテンソルとメモリを共有する。どちらに書き込んでも、"
        "もう一方に反映される。bfloat16 など、NumPy に無い dtype は拒否する (TypeError)。"
    ),
    "1.4.2": "clone().numpy() の配列は、テンソルから独立している。",
    "1.4.3": (
        "torch.tensor(array) は自分用の複製を作り、配列の dtype を保つ。複製するにもかかわらず、"
        "from_numpy が拒否する配列を、同じように拒否する。"
    ),
    "1.4.4": (
        "アクセラレータ上のテンソルは、numpy() だけでは配列にできない。"
        "先に to('cpu') が必要で、numpy(force=True) はそれも行う。"
    ),
    "1.4.5": (
        "requires_grad=True のテンソルは、numpy() だけでは配列にできない (RuntimeError)。"
        "先に detach() が必要で、numpy(force=True) はそれも行う。detach() "
        "の戻り値は元のテンソルとメモリを共有するので、clone() にはなお意味がある。"
        "no_grad の中のように勾配モードが無効なら、numpy() はそのテンソルのままで受け付け、"
        "メモリを共有する。"
    ),
    "1.4.6": (
        "x.to('cpu').detach().clone().numpy() は、x がどこにあっても、勾配の有無によらず、NumPy に"
        "あるすべての dtype で使え、得られる配列は x から独立している。"
    ),
    "1.4.7": "この変換を示した記事のコードは、載っているとおりに動く。",
    "1.4.8": (
        "x.detach().cpu().numpy() と numpy(force=True) は、CPU のテンソルとはメモリを共有し、"
        "アクセラレータのテンソルは複製する。x がどこにあっても独立した配列になるのは、clone() か "
        "array.copy() を使ったときだけである。"
    ),
    "1.4.9": (
        "np.asarray(tensor) は numpy() と同じくメモリを共有し、requires_grad=True のテンソルを同じ"
        "ように拒否する。np.array(tensor) は複製し、別の dtype への np.asarray も複製する。"
    ),
    "1.4.10": (
        "conj() は複素数のテンソルに印を付けるだけである。numpy() は、その印の付いたものと、"
        "その虚部を"
        "拒否する (RuntimeError)。resolve_conj() と resolve_neg() が値を計算し、clone() と "
        "numpy(force=True) もそうする。このときの配列は自分のメモリを持つ。"
    ),
    "1.4.11": (
        "bfloat16 や float8 のテンソルは、float() を経れば、値をすべて保ったまま配列になる。"
        "numpy(force=True) は numpy() と同じく拒否する。tolist() はそのままで受け付ける。"
    ),
    "1.4.12": (
        "テンソルに対する torch.tensor(x) は、グラフを除いて複製し、警告を出す。x.detach().clone() "
        "なら、同じものが警告なしで得られる。"
        "別の dtype やデバイスを指定しない限り、as_tensor(x) は x 自身である。"
    ),
    "1.4.13": (
        "torch.tensor、as_tensor、torch.Tensor がテンソルのリストを受け付けるのは、どれも要素が "
        "1 個の"
        "ときだけで (そうでなければ ValueError)、勾配は失われる。torch.stack "
        "は同じ形状のテンソルなら"
        "何でも受け付け、勾配を保つ。"
    ),
    "1.4.14": (
        "share_memory_() はテンソルを別のメモリへ移す。from_numpy の配列は元の場所に残り、numpy()"
        " の"
        "配列は、もう無いメモリを指したままになるので、読むだけで異常終了することがある。先に移し、"
        "それから変換する。共有している間は、どちらも大きくできない。テンソルの resize_() は "
        "RuntimeError、配列の resize() は ValueError になる。"
    ),
    "2.1.1": (
        "Linear や Conv2d の layer.weight と layer.bias は nn.Parameter "
        "である。requires_grad=True で、表示は 'Parameter containing:' "
        "で始まる。Linear(3, 2) の weight の形状は (2, 3)、bias の形状は "
        "(2,) である。"
    ),
    "2.1.2": "Linear を表示すると、in_features、out_features、bias が見える。",
    "2.1.3": ("weight.data は、勾配を持たない普通の Tensor である。メモリは weight と共有する。"),
    "2.2.1": (
        "nn.init の関数のうち名前が _ で終わるものは、パラメータをその場で書き換え、"
        "そのパラメータを返す。requires_grad=True の Parameter であることは変わらず、"
        "自動微分には何も記録されない。"
    ),
    "2.2.2": (
        "normal_(w, mean, std) は指定した正規分布から、uniform_(w, a, "
        "b) は指定した一様分布から値を取り、constant_(w, c) は全要素を "
        "c にする。"
    ),
    "2.2.3": (
        "xavier_normal_(w, gain) は、平均 0、標準偏差 gain * sqrt(2 / "
        "(fan_in + fan_out)) の正規分布から値を取る。"
    ),
    "2.2.4": "He の初期化は nn.init.kamiming_normal_ である。",
    "2.2.5": "バイアスも、重みと同じ方法で初期化できる。",
    "2.2.6": "nn.Linear は、何も指定しなければ He の方法で初期化される。",
    "2.3.1": (
        "net.parameters() は Parameter を定義順に返す。モジュール自身の "
        "Parameter は、その中のモジュールのものより先に来る。Conv2d、"
        "BatchNorm2d、ReLU からなるモデルなら、畳み込みの weight と bias、"
        "続いてバッチ正規化の weight (すべて 1) と bias (すべて 0) で、"
        "ReLU からは何も出ない。"
    ),
    "2.3.2": (
        "モデルを表示すると、属性である各モジュールの名前と主な引数が見える。"
        "バッチ正規化の引数は、特徴数、eps、momentum、affine、track_running_stats "
        "である。"
    ),
    "2.3.3": (
        "net.state_dict().keys() は conv1.weight、conv1.bias、bn.weight、"
        "bn.bias、bn.running_mean、bn.running_var、bn.num_batches_tracked "
        "の 7 つの名前をこの順に持ち、odict_keys([...]) と表示される。"
    ),
    "2.3.4": "モデルのパラメータの名前は net.state_dict().keys() である。",
    "2.4.1": "オプティマイザは net.parameters() を受け取り、それだけを更新する。",
    "2.4.2": (
        "optimizer.param_groups は、すべての設定とパラメータを収めた辞書のリストである。"
        "[0]['lr'] は渡した学習率、[0]['params'][0] はモデルの最初のパラメータそのものである。"
    ),
    "3.1": (
        "eval() は、Dropout や BatchNorm など特定のモジュールの動作を変える。"
        "Linear、Conv2d、ReLU の結果は、どちらのモードでも同じである。"
    ),
    "3.2": (
        "eval() は train(False) と同じである。そのモジュールと内部の全モジュールの "
        "training を False にし、モジュール自身を返す。"
    ),
    "3.3": (
        "学習時の Dropout は、各要素を確率 p で 0 にし、残りを 1/(1-p) "
        "倍する。評価時は入力をそのまま返す。"
    ),
    "3.4": (
        "学習時の BatchNorm は、そのバッチの平均と (不偏でない) 分散で正規化し、"
        "移動統計量を、バッチの平均と不偏分散に向けて 1 割だけ動かす。"
    ),
    "3.5": "評価時の BatchNorm は、移動統計量で正規化し、それを変更しない。",
    "3.6": "eval() は dropout とバッチ正規化を無効にする。",
    "3.7": (
        "eval() は勾配に影響しない。勾配モードも各 requires_grad も元のままで、"
        "backward() も使える。"
    ),
    "4.1": (
        "no_grad ブロックでは、入力がどうであれ、計算結果はすべて requires_grad=False になる。"
    ),
    "4.2": "no_grad は、ブロックが例外で終わる場合も含め、ブロックとともに終わる。",
    "4.3": (
        "no_grad はメモリを節約する。呼ばれることのない backward() のために、"
        "何も残しておかないからである。"
    ),
    "4.4": "no_grad の中で計算した結果に対する backward() は、拒否される。",
    "4.5": (
        "set_grad_enabled(mode) は、引数によって勾配計算を有効にも無効にもする。"
        "そのため、学習と検証を 1 つのコードで書ける。"
    ),
    "4.6": (
        "set_grad_enabled は、コンテキストマネージャとして使えば終わりに元のモードへ戻し、"
        "関数として呼べばただちに切り替えて、そのままにする。"
    ),
    "4.7": (
        "set_grad_enabled(False) のブロック、関数呼び出し set_grad_enabled(True)、"
        "関数呼び出し set_grad_enabled(False) の順に計算すると、結果の "
        "requires_grad は順に False、True、False になる。"
    ),
    "4.8": (
        "enable_grad の中では set_grad_enabled(False) は効かない (記事は当時のドキュメントを引用"
        "している)。"
    ),
    "4.9": "勾配モードはスレッドごとに決まり、ほかのスレッドには影響しない。",
    "4.10": "no_grad() と set_grad_enabled(False) は、どの計算結果にも同じ効果を持つ。",
    "4.11": (
        "no_grad の中で作った葉テンソルでも、requires_grad=True になりうる。"
        "requires_grad=True を指定したテンソルや、新しい層のパラメータがそうである。"
    ),
    "5.1": (
        "nn.ReLU と nn.functional.relu は、どの入力に対しても同じ値 max(x, "
        "0) と同じ勾配を与える。0 での勾配は 0 である。"
    ),
    "5.2": "nn.ReLU() は Module を作る。nn.Sequential に入れられ、パラメータを持たない。",
    "5.3": (
        "nn.functional.relu は関数である。nn.Sequential には拒否され、forward の中で呼んで使う。"
    ),
    "5.4": "print(model) に nn.ReLU は現れるが、nn.functional.relu は決して現れない。",
    "5.5": "inplace=True の ReLU は入力に書き込み、その入力を返す。既定では入力を変更しない。",
}

#: What is true, of the claims that were corrected or have drifted.
TRUTHS = {
    "1.2.6": (
        "拒否する (RuntimeError) のは葉テンソルとそのビューだけで、それも "
        "no_grad の中なら受け付ける。自分のメモリを持つ計算結果は受け付け、"
        "勾配も正しく求まる。ただし、上書きした値が勾配のために保存されていた場合 "
        "(exp は自身の結果を保存する) は、backward() のほうが拒否する。"
    ),
    "1.2.7": (
        "dtype が浮動小数点数か複素数であることも必要である。整数や bool "
        "のテンソルに requires_grad=True を指定すると、RuntimeError になる。"
    ),
    "1.3.6": (
        "copy() は NumPy 配列のメソッドである。Tensor には無く (AttributeError)、"
        "自分のメモリを持つ複製を作るのは clone() である。clone() は、勾配を元のテンソルへ伝える。"
    ),
    "1.4.7": (
        "名前 device を、代入する 1 行前で使っている。そのため、新しいセッションでは "
        "NameError になる。2 行を入れ替えれば動く。"
    ),
    "2.2.4": (
        "その名前の関数は無い。正しくは (Kaiming He にちなむ) kaiming_normal_ "
        "で、平均 0、標準偏差 sqrt(2 / fan_in) の正規分布から値を取る。"
    ),
    "2.2.5": (
        "normal_、uniform_、constant_ は、バイアスにも同じように働く。"
        "Xavier と He の初期化は ValueError で拒否する。バイアスは 1 "
        "次元だが、fan_in と fan_out は 2 次元以上でしか定義されないためである。"
    ),
    "2.2.6": (
        "重みもバイアスも、-1/sqrt(fan_in) から 1/sqrt(fan_in) までの一様分布から値を取る。"
        "分散は 1/(3*fan_in) で、He の 2/fan_in の 6 分の 1 であり、分布の形も正規分布ではない。"
    ),
    "2.3.2": (
        "各モジュールは今も表示される。ただし、BatchNorm2d に引数 bias "
        "が加わったため、その行に bias=True が増えた。"
    ),
    "2.3.4": (
        "state_dict() には、パラメータではないバッファの名前も入る。バッチ正規化の "
        "running_mean、running_var、num_batches_tracked がそれである。"
        "パラメータの名前だけを返すのは named_parameters() である。"
    ),
    "3.6": (
        "dropout はそのとおりである。バッチ正規化は評価時も正規化、スケール、"
        "シフトを行い、変わるのは統計量の出どころ (バッチから移動統計量へ) "
        "だけである。異なるデータを見てきた 2 つの層は、評価時に異なる結果を返す。"
    ),
    "4.1": (
        "自分のメモリを持つ結果については、そのとおりである。ブロックの中で作ったビュー "
        "(x[0]、x.unsqueeze(0)、x.transpose(0, -1)) は、x が requires_grad=True "
        "なら、やはり requires_grad=True を示す。しかし grad_fn は無く、"
        "勾配も流れない。x が float32 のときの x.float() のように x 自身を返すものは、"
        "x をそのままにする。"
    ),
    "4.8": (
        "効く。コンテキストをどの順に入れ子にしても、最も内側のブロック、"
        "またはその中での最後の呼び出しが決める。引用された一文は、現在のドキュメントには無い。"
    ),
}

#: The questions that claims answer.
QUESTIONS: dict[str, str] = {
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
}
