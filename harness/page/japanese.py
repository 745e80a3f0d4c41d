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
    "1.2.1": "requires_grad=True で作ったテンソルは、自動微分の対象になる。",
    "1.2.2": (
        "backward() が勾配を計算し、.grad がそれを保持する。sum(x**2) の勾配は、正確に 2x である。"
    ),
    "1.2.3": (
        "y = a*x + b の x に関する勾配は、a を x の dtype に丸めたものである。a が複素数なら、"
        "その共役になる。"
    ),
    "1.2.4": (
        "計算結果を表示すると grad_fn の名前が見える (足し算の後なら "
        "AddBackward0)。葉テンソルの表示には requires_grad=True が付く。"
    ),
    "1.2.5": (
        "微分可能な演算の結果が grad_fn を持つのは、勾配モードが有効なときに、"
        "requires_grad=True の入力を使って計算された場合に限る。その場合には backward() を呼"
        "べる。requires_grad=True の葉テンソルにも呼べる。比較、argmax、整数への変換は微分可"
        "能な演算ではない。x // 2 は grad_fn を持つが、backward() が拒否する。round()、sign()、"
        "in-place の y.gt_(0) の勾配は 0 である。x 自身を返すもの (float32 の x.float()、"
        "x.contiguous()、評価時の dropout) では、grad_fn は増えない。"
    ),
    "1.2.6": "requires_grad=True のテンソルには in-place 演算ができない。",
    "1.2.7": "微分するには、Tensor 型で requires_grad=True であれば十分である。",
    "1.2.8": (
        "retain_grad() や inputs= で計算結果の勾配を求めた場合を除き、backward() が .grad を"
        "入れるのは葉テンソルだけである。backward() を呼ぶたびに、勾配は .grad にその場で"
        "加算される。要素が複数ある結果には gradient 引数が要る。PyTorch 2.1 からは、"
        "1 個の複素数でも要る。値を保存したグラフは、retain_graph=True としない限り、"
        "最初の backward() で解放される。"
    ),
    "1.2.9": (
        "detach() を通した書き込みと no_grad の中での書き込みは検出され、元の値が必要なら "
        "backward() が拒否する (RuntimeError)。.data や、メモリを共有する NumPy 配列を通した"
        "書き込みは検出されず、勾配は黙って新しい値から計算される。どの書き込みもグラフには残"
        "らないので、その効果は勾配に入らない。"
    ),
    "1.2.10": (
        "optimizer.step() は重みをその場で書き換える。そのため、重みを保存した、ステップ前の"
        "グラフに対する backward() は拒否される。GAN で、識別器のステップ後に生成器の "
        "backward() を呼ぶ場合がそうである。最初の step() より前にすべての backward() を呼ぶか、"
        "損失を計算し直す。fused=True のステップ (CPU では PyTorch 2.4 から) は"
        "検出されず、勾配は黙って新しい重みから計算される。"
    ),
    "1.2.11": (
        "一部への書き込みもグラフの 1 ステップである。y[i] = v はその位置で y の勾配を断ち、"
        "勾配は v に流れる。y のビューへの書き込みは y の勾配に反映される。勾配を持たないテン"
        "ソルも、勾配を持つものを書き込まれる (t[i] = v、a += b) と、以後 requires_grad=True "
        "になる。整数のテンソルは値だけを受け取り、勾配は黙って捨てられる。"
    ),
    "1.2.12": (
        "requires_grad_(False) や requires_grad = False は葉テンソルそのものを切り替え、"
        "requires_grad_ はそのテンソルを返す。forward と backward() の間で固定すると、勾配は"
        "入らない。計算結果は拒否する (RuntimeError) ので、detach() を使う。計算結果への "
        "requires_grad_(True) は何も変えない。"
    ),
    "1.2.13": (
        "葉テンソルから作ったもの (w.to(torch.float64)、0.01 * w、w.reshape(-1)、w.clone()) "
        "の .grad は None のままで、読むと警告が出る。requires_grad_() は最後に呼ぶ。結果がそ"
        "の葉テンソルによらない場合も None である。手で更新するなら、no_grad の中で w -= lr "
        "* w.grad とする。外では拒否され、w = w - lr * w.grad とすると w は .grad の入らない"
        "計算結果になる。"
    ),
    "1.2.14": (
        "clone() は値を複製し、勾配を元のテンソルへ渡す。detach() の戻り値はメモリを共有し、"
        "定数として扱われる。独立した複製は detach().clone() で得られる。copy.deepcopy は葉テ"
        "ンソルを .grad ごと複製し、計算結果は拒否する (RuntimeError)。"
    ),
    "1.2.15": (
        "テンソル t に対する torch.tensor(t) は、グラフを持たない複製を作り、警告 "
        "(UserWarning) を出す。t.detach().clone() なら同じことを警告なしに行える。テンソルの"
        "リストは、要素が 1 個のものしか受け取らず (ValueError)、グラフは失われる。as_tensor "
        "と torch.Tensor も同様である。torch.stack はどんな形状でも受け取り、グラフを保つ。"
    ),
    "1.2.16": (
        "同じ計算から得た 2 つの損失はグラフを共有する。隠れ状態を引き継いだ 2 つのバッチもそ"
        "うである。最初の backward() がグラフを解放し、2 回目は拒否される。損失を足して "
        "backward() を 1 回呼ぶか、retain_graph=True を渡す。隠れ状態は detach() して引き継げ"
        "ば定数になり、各 backward() は自分のバッチだけをたどる。"
    ),
    "1.2.17": (
        "損失の合計やリストは、backward() の後も、すべての損失のグラフをメモリに残す。item() "
        "や detach() の合計なら何も残らない。"
    ),
    "1.2.18": (
        "torch.autograd.grad(y, x) は勾配のタプルを返し、計算結果に関する勾配も返せる。.grad "
        "には何も入れない。backward(inputs=[x]) は x の .grad だけに入れ、計算結果にも入れら"
        "れる。y がよらない入力は拒否される (RuntimeError)。allow_unused=True なら None、"
        "materialize_grads=True (PyTorch 2.1 から) なら 0 になる。"
    ),
    "1.2.19": (
        "create_graph=True で求めた勾配は、さらに微分できる。勾配ペナルティにはこれが要る。指"
        "定しなければ、勾配は定数である。"
    ),
    "1.2.20": (
        "register_hook に渡した関数は、葉テンソルでも計算結果でも、backward() のたびに、"
        ".grad に入る前の勾配を受け取る。戻り値は、None でなければ、remove() するまで勾配に"
        "置き換わる。複数あれば、登録した順に呼ばれる。PyTorch 2.1 からは、"
        "register_post_accumulate_grad_hook に渡した葉テンソルの関数が、.grad に入った後で"
        "呼ばれる。"
    ),
    "1.2.21": (
        "勾配の形状と dtype は、元のテンソルと同じである。テンソルを何度も使ったり、"
        "同じ要素を 2 回取り出したり、ブロードキャストしたりした場合は、すべての使用についての"
        "和になり、dtype を変換した場合は元の dtype に戻される。形状や dtype が異なるものを "
        ".grad に代入することはできない (RuntimeError)。"
    ),
    "1.2.22": (
        "torch.where(c, f(x), x) は f を全要素で計算する。f の勾配が無限大や NaN になる要素で"
        "は、f が選ばれていなくても勾配は NaN になる。マスクを掛けたりマスクで埋めたりする場"
        "合も同じである。先に入力を選び、f(x[c]) や f(torch.where(c, x, 1)) とする。"
        "torch.autograd.detect_anomaly は、NaN を返した関数の名前を示す。"
    ),
    "1.2.23": (
        "微分できない点では、PyTorch が勾配を選ぶ。abs()、relu()、norm() の 0 での勾配は 0 である。"
        "max()、amax()、maximum() では等しい要素に等分され、max(dim=0) ではそのうち 1 個だけに"
        "入る。sqrt() や log() の 0 での勾配は無限大である。"
    ),
    "1.3.1": "from_numpy は、配列の形状と値を保つ。",
    "1.3.2": (
        "テンソルの dtype は配列に従う。NumPy の既定の浮動小数点型からは "
        "float64 になり、PyTorch の既定である float32 にはならない。"
    ),
    "1.3.3": (
        "from_numpy のテンソルは、層が前提とする float32 に、float() "
        "か to(torch.float32) で変換しておくのがよい。float64 のテンソルを変換するとメモリは共有"
        "されなくなるが、float32 のテンソルなら共有されたままである。"
    ),
    "1.3.4": (
        "from_numpy のテンソルは配列とメモリを共有する。どちらに書き込んでも、"
        "もう一方に反映される。"
    ),
    "1.3.5": "from_numpy(a.copy()) のテンソルは、a から独立している。",
    "1.3.6": "copy() は、detach() と並んで知っておくべきメソッドである。",
    "1.3.7": (
        "from_numpy は、共有できないもの (負のストライド、要素の途中を指すストライド、"
        "異なるバイト順、PyTorch に無い dtype) を拒否し、読み取り専用の配列には警告を出す。"
    ),
    "1.4.1": (
        "numpy() の配列はテンソルとメモリを共有する。どちらに書き込んでも、"
        "もう一方に反映される。NumPy に無い dtype である bfloat16 は拒否する。"
    ),
    "1.4.2": "clone().numpy() の配列は、テンソルから独立している。",
    "1.4.3": "torch.tensor(array) は自分用の複製を作り、配列の dtype を保つ。",
    "1.4.4": (
        "アクセラレータ上のテンソルは、numpy() だけでは配列にできない。"
        "先に to('cpu') が必要である。"
    ),
    "1.4.5": (
        "requires_grad=True のテンソルは、numpy() だけでは配列にできない。"
        "先に detach() が必要で、numpy(force=True) はそれも行う。detach() "
        "の戻り値は元のテンソルとメモリを共有するので、clone() にはなお意味がある。"
    ),
    "1.4.6": (
        "x.to('cpu').detach().clone().numpy() は、どのデバイスでも、勾配の有無によらず使え、"
        "得られる配列は x から独立している。"
    ),
    "1.4.7": "この変換を示した記事のコードは、載っているとおりに動く。",
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
        "requires_grad=True の葉テンソルとそのビューは拒否する (RuntimeError)。葉テンソルも "
        "no_grad の中なら受け付ける。計算結果は受け付け、勾配にも反映される。ただし、計算結果"
        "から split()、chunk()、unbind()、反復で得たもの、expand() したもの、no_grad の中で作"
        "ったビューは拒否する。勾配に必要な値 (exp は自身の結果、x * x は入力を保存する) を上"
        "書きすると、backward() のほうが拒否する。"
    ),
    "1.2.7": (
        "dtype が浮動小数点数か複素数であることも必要である。整数や bool "
        "のテンソルに requires_grad=True を指定すると、RuntimeError になる。"
    ),
    "1.3.6": (
        "copy() は NumPy 配列のメソッドである。Tensor には無く (AttributeError)、"
        "独立した複製を作るのは clone() である。"
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
    "1.2.8": (
        "backward() の「grad can be implicitly created only for scalar outputs」とは何か。勾"
        "配が足されていくのはなぜか。"
    ),
    "1.2.9": "x.data と x.detach() では、どちらに書き込むのが安全か。",
    "1.2.10": (
        "in-place 演算を書いていないのに「modified by an inplace operation」と言われる。何が"
        "書き換えたのか。"
    ),
    "1.2.11": "テンソルの要素に代入してもよいか。勾配に反映されるか。",
    "1.2.12": ("「only change requires_grad flags of leaf variables」と言われるのはなぜか。"),
    "1.2.13": "backward() の後も .grad が None なのはなぜか。",
    "1.2.14": "clone()、detach()、deepcopy のどれで複製すればよいか。",
    "1.2.15": (
        "「To copy construct from a tensor」という警告が出る。torch.tensor(t) や損失のリスト"
        "の何が問題か。"
    ),
    "1.2.16": (
        "2 つの損失や、バッチ間で引き継ぐ隠れ状態で「Trying to backward through the graph a "
        "second time」と言われるのはなぜか。"
    ),
    "1.2.17": "total_loss += loss とすると、メモリが増え続けるのはなぜか。",
    "1.2.18": ".grad に入れずに、1 つの勾配だけを求めるには。",
    "1.2.19": "2 階微分や勾配ペナルティはどう計算するのか。",
    "1.2.20": "勾配を途中で見たり、スケールしたり、クリップしたりするには。",
    "1.2.21": (
        "ブロードキャストや dtype 変換をしたり、2 回使ったりしたテンソルの勾配はどうなるか。"
    ),
    "1.2.22": "損失は NaN でないのに、勾配が NaN になるのはなぜか。",
    "1.2.23": "0 での abs()、等しい要素の max()、0 の sqrt() の勾配は何になるか。",
}
