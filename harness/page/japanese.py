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
        "eval() は、Dropout や BatchNorm など特定のモジュールの動作を変える。"
        "Linear、Conv2d、ReLU の結果は、どちらのモードでも同じである。"
    ),
    "3.2": (
        "eval() は train(False) と同じである。そのモジュールと、その中に登録された全モジュール "
        "(どれほど深くても) の training を False にし、モジュール自身を返す。"
    ),
    "3.3": (
        "学習時の Dropout は、各要素を確率 p で 0 にし、残りを 1/(1-p) 倍する。このように拡大でき"
        "ない整数は拒否する。評価時は入力をそのまま返す。"
    ),
    "3.4": (
        "学習時の BatchNorm は、そのバッチの平均と (不偏でない) 分散で正規化し、移動統計量を、"
        "バッチの平均と不偏分散に向けて動かす。momentum を指定しなければ 1 割だけ動く。"
    ),
    "3.5": "評価時の BatchNorm は、移動統計量があればそれで正規化し、それを変更しない。",
    "3.6": "eval() は dropout とバッチ正規化を無効にする。",
    "3.7": (
        "eval() は勾配に影響しない。勾配モードも各 requires_grad も元のままで、backward() "
        "も使える。例外は CUDA とされ、cuDNN による RNN、LSTM、GRU は学習モードを求める。"
    ),
    "3.8": (
        "eval() と no_grad() は別のことをし、予測には両方が要る。eval() だけではグラフが記録され、"
        "no_grad() だけでは dropout が働き、移動統計量も動く。評価モードの結果は、attention "
        "の層 (3.23) を除いて、no_grad() の有無で変わらない。"
    ),
    "3.9": (
        "eval() を忘れると、dropout があれば同じ入力でも予測が毎回変わり、バッチ正規化があれば予測"
        "はバッチ次第で、後の結果まで変える。評価モードは train() まで続くので、学習を再開する前に"
        " train() を呼び直す。"
    ),
    "3.10": (
        "移動統計量は平均 0、分散 1 から始まり、既定の momentum では n バッチ後もその 0.9**n "
        "が残る。新しいバッチ正規化は、学習時の動作がどうであれ、評価時には入力をほとんど変えない"
        "。"
    ),
    "3.11": (
        "eval() はモジュールに効き、関数には効かない。forward() の中の F.dropout(x) は、training="
        "self.training を渡さないかぎり評価時にも値を落とす。forward() の中で作った nn.Dropout() "
        "も同じである。F.alpha_dropout は、指定しなければどちらのモードでも落とさない。"
    ),
    "3.12": (
        "eval() は、普通のリストや辞書の中のモジュールを見つけない。nn.ModuleList と nn.ModuleDic"
        "t に入れればよい。eval() は各モジュールの train() を呼ぶので、上書きされた train() "
        "がその部分を決める。それは self を返さなければならない。部分が上書きした eval() "
        "は呼ばれない。"
    ),
    "3.13": (
        "モードはモジュールごとにあり、最後の呼び出しが決める。ネット全体の eval() の後で "
        "Dropout の train() を呼べば、Dropout だけが再び働く。"
    ),
    "3.14": (
        "学習時の BatchNorm は、チャネルごとに値が 1 つしかないバッチを拒否する。最後に 1 "
        "行だけ余ったバッチがそうである。評価時は受け付ける。DataLoader(drop_last=True) ならそのバ"
        "ッチが省かれ、LayerNorm なら受け付ける。"
    ),
    "3.15": (
        "momentum は新しいバッチの割合である。running = (1 - momentum) * running + momentum "
        "* batch。0 なら動かず、1 なら最後のバッチになり、None なら全バッチの平均になる。"
    ),
    "3.16": (
        "track_running_stats=False で作った BatchNorm は移動統計量を持たず、評価時にもバッチ自身の"
        "統計量を使う。できあがった層に後から設定しても、更新が止まるだけである。affine=False "
        "で作れば weight と bias が無い。あれば 1 と 0 から始まる。"
    ),
    "3.17": (
        "requires_grad_(False) は、バッチ正規化の統計量を凍結しない。学習時にはやはり動く。"
        "その層の eval() で止まるが、weight と bias は引き続き学習される。ネット全体の train() "
        "はこれを元に戻す。"
    ),
    "3.18": (
        "バッチ正規化にとって、いくつかの小さなバッチは 1 つの大きなバッチと同じではない。"
        "それぞれ単独で正規化され、そのたびに統計量が動くので、累積した勾配は全体の勾配と異なる。"
        "LayerNorm か、評価モードのバッチ正規化なら、丸め誤差を除いて一致する。"
    ),
    "3.19": (
        "移動統計量はバッファである。state_dict() と load_state_dict() には含まれ、parameters() "
        "には含まれない。これが無いと予測が変わる。モードは含まれない。load_state_dict() "
        "はモードを変えず、コピーや pickle はモードを保つ。"
    ),
    "3.20": (
        "LayerNorm、GroupNorm、InstanceNorm は、どちらのモードでも同じである。画像ごとに正規化し、"
        "移動統計量を持たない。InstanceNorm は、チャネルごとに値が 1 つしかない入力をどちらのモー"
        "ドでも拒否する。移動統計量を持つように指定すれば、評価時にそれを使う。"
    ),
    "3.21": (
        "Dropout は要素を 1 つずつ 0 にし、Dropout1d、Dropout2d、Dropout3d はチャネル全体を "
        "0 にする。"
    ),
    "3.22": (
        "RNN、LSTM、GRU の dropout は、積み重ねた層の間でだけ、学習時にだけ働く。1 層なら何も落と"
        "さずに警告し、結果の要素が 0 にされることはない。"
    ),
    "3.23": (
        "batch_first=True の TransformerEncoder にパディングのマスクを渡すと、評価時に何も勾配を記"
        "録しなければ別の経路で計算する。パディングの位置は 0 になり、ほかの値は末尾の桁が変わりう"
        "る。enable_nested_tensor=False ならパディングの位置も残る。"
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
        "dropout モジュールはそのとおりである。バッチ正規化は評価時も正規化、スケール、シフトを行"
        "い、変わるのは統計量の出どころ (バッチから移動統計量へ) だけである。移動統計量が異なる "
        "2 つの層は、評価時に異なる結果を返す。"
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
QUESTIONS = {
    "2.4.3": "最後の層を取り替えたのに学習されない。なぜか。",
    "2.4.4": "勾配が 0 の重みが変わるのはなぜか。",
    "2.4.5": "momentum、dampening、nesterov は正確には何をするのか。",
    "2.4.6": "can't optimize a non-leaf Tensor と言われた。何がいけないのか。",
    "2.4.7": "なぜ zero_grad() が必要なのか。その後で .grad が None になるのはなぜか。",
    "2.4.8": "同じオプティマイザで学習を再開するには。",
    "3.7": (
        "cudnn RNN backward can only be called in training mode と言われた。eval() は勾配に影響す"
        "るのか。"
    ),
    "3.8": "model.eval() と torch.no_grad() は両方必要なのか。",
    "3.9": "2 回予測すると結果が違う。なぜか。",
    "3.10": "train() では良いのに eval() では悪い。なぜか。",
    "3.11": "model.eval() の後も dropout が働く。なぜか。",
    "3.12": "eval() の後もモデルの一部が学習モードのままである。なぜか。",
    "3.13": "予測時にも dropout を働かせるには (モンテカルロ dropout)。",
    "3.14": "Expected more than 1 value per channel when training。なぜ最後のバッチだけなのか。",
    "3.15": "BatchNorm の momentum とは何か。0.1 か 0.9 か。None なら。",
    "3.16": "track_running_stats=False なら eval() では何が使われるのか。後から設定できるのか。",
    "3.17": "全パラメータを凍結したのに running_mean が変わる。なぜか。",
    "3.18": "勾配の累積は、大きなバッチと同じか。",
    "3.19": "読み込んだモデルの予測が違う。なぜか。load_state_dict() の後に eval() は要るのか。",
    "3.20": "eval() で変わるのはどの正規化か。",
    "3.21": "Dropout と Dropout2d は何が違うのか。",
    "3.22": "1 層の LSTM(dropout=0.5) が警告する。dropout は効くのか。",
    "3.23": "TransformerEncoder の結果が eval() で変わる。なぜか。",
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
