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
        "新しい Linear や Conv2d の layer.weight と layer.bias は nn.Parameter である。"
        "requires_grad=True で、表示は 'Parameter containing:' で始まる。Linear(3, 2) の weight "
        "の形状は (2, 3)、bias の形状は (2,) で、bias=False なら bias は None である。Conv2d の "
        "weight の形状は、出力数、入力数 / groups、カーネルの各辺である。"
    ),
    "2.1.2": "Linear を表示すると、in_features、out_features、bias が見える。",
    "2.1.3": (
        "weight.data は、勾配を持たない普通の Tensor である。メモリは weight と共有する。ただし、"
        "layer.double() などで weight が別のメモリに移ると、共有しなくなる。"
    ),
    "2.1.4": (
        "Linear は、入力の最後の次元に weight.T を掛け、bias を足す。その前に次元がいくつあっても"
        "よい。幅の異なる入力や、NumPy の float64 から from_numpy で作ったもののように dtype が "
        "weight と異なる入力は拒否する (RuntimeError)。"
    ),
    "2.1.5": (
        "Conv2d は、カーネルを反転せずそのまま画像の上で滑らせ、bias を足す。画像のバッチも 1 枚"
        "の画像も受け付け、チャネルが先に来る。長さ H の辺は (H + 2*padding - "
        "dilation*(kernel_size - 1) - 1) // stride + 1 になる。"
    ),
    "2.1.6": (
        "Parameter を別の dtype やデバイスに to() した結果や、clone()、演算、添字の結果は普通の "
        "Tensor で、モジュールに登録されない。元の Parameter が勾配を要するなら葉ではなく、オプテ"
        "ィマイザは拒否する (ValueError)。nn.Parameter(x.to(device)) なら登録される。"
    ),
    "2.1.7": (
        "層は、パラメータの場所に普通のテンソルを代入されると拒否し (TypeError)、勾配を要する "
        "weight は、その場での変更を拒否する (RuntimeError)。no_grad の中の "
        "layer.weight.copy_(x) は値だけを書き換え、layer.weight = nn.Parameter(x) は別のものに置"
        "き換える。"
    ),
    "2.1.8": (
        "spectral_norm などのパラメータ化や枝刈りを施すと、layer.weight は別の Parameter からその"
        "つど計算される普通の Tensor になる。nn.init や copy_ で書き込んでも失われるので、計算の"
        "元である layer.parametrizations.weight.original を初期化する。"
    ),
    "2.1.9": (
        "nn.LazyLinear の weight は、最初の入力が来るか state_dict を読み込むまで、形状を持たない"
        "。最初の入力で in_features が決まり、Linear になる。Parameter は同じオブジェクトのままな"
        "ので、先に作ったオプティマイザも更新できる。"
    ),
    "2.2.1": (
        "nn.init の関数のうち名前が _ で終わるものは、パラメータをその場で書き換え、そのパラメー"
        "タを返す。凍結の有無によらず Parameter のままで、自動微分には何も記録されない。_ の付か"
        "ない名前は非推奨である。"
    ),
    "2.2.2": (
        "normal_(w, mean, std) は指定した正規分布から、uniform_(w, a, b) は指定した一様分布から値"
        "を取り、constant_(w, c) は全要素を c にする。w の dtype (float16、bfloat16、float32、"
        "float64) が c を表せればよい。"
    ),
    "2.2.3": (
        "xavier_normal_(w, gain) は、平均 0、標準偏差 gain * sqrt(2 / "
        "(fan_in + fan_out)) の正規分布から値を取る。"
    ),
    "2.2.4": "He の初期化は nn.init.kamiming_normal_ である。",
    "2.2.5": "バイアスも、重みと同じ方法で初期化できる。",
    "2.2.6": "nn.Linear は、何も指定しなければ He の方法で初期化される。",
    "2.2.7": (
        "Conv1d、Conv2d、Conv3d は Linear と同じように値を取り、fan_in はグループ 1 つのチャネル"
        "数にカーネルの要素数を掛けたものである。正規化層の重みは 1、バイアスは 0 から始まる。"
        "Embedding は標準正規分布で、padding_idx は 0、LSTM、GRU、RNN は 1/sqrt(hidden_size) 以内"
        "の一様分布、MultiheadAttention のバイアスは 0 である。"
    ),
    "2.2.8": (
        "torch.manual_seed(n) の後では、同じ層、初期化関数、dropout が同じ順に来れば、同じリリー"
        "スとデバイスでは同じ値が出る。NumPy と Python の乱数には影響しない。generator= (PyTorch "
        "2.2 から) を渡すと、初期化関数はそれから値を取り、全体の乱数生成器には触れない。"
    ),
    "2.2.9": (
        "net.apply(f) は、モデルの全モジュールについて、内側を外側より先に f を呼び、モデルを返す"
        "。f の中では isinstance(m, nn.Linear) のように種類を確かめる。初期化関数そのものはテンソ"
        "ルを取るので、f にはならない。"
    ),
    "2.2.10": (
        "xavier_uniform_ と kaiming_uniform_ は、xavier_normal_ と kaiming_normal_ の標準偏差の "
        "sqrt(3) 倍以内の一様分布から値を取る。trunc_normal_ は範囲 a から b までの正規分布で、既"
        "定は std によらず -2 から 2 である。std=0.02 では何も切り捨てない。"
    ),
    "2.2.11": (
        "orthogonal_(w, gain) は、行 (列の方が少なければ列) を正規直交の gain 倍にする。eye_ は行"
        "列を単位行列にし、dirac_ を施した畳み込みは、与えられたチャネルをそのまま返す。次元数の"
        "合わない重みは拒否する (ValueError)。"
    ),
    "2.3.1": (
        "net.parameters() は、登録された Parameter を 1 度ずつ、その名前が最初に設定された順に返"
        "す。モジュール自身の Parameter は、その中のモジュールのものより先に来る。Conv2d、"
        "BatchNorm2d、ReLU からなるモデルなら、畳み込みの weight と bias、続いてバッチ正規化の "
        "weight (すべて 1) と bias (すべて 0) で、ReLU からは何も出ない。"
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
    "2.3.5": (
        "Module が知るのは、自分の属性であるものだけである。普通のリスト、タプル、辞書に入れたモ"
        "ジュールや Parameter は parameters() にも state_dict() にも現れず、eval() も to() も届か"
        "ない。nn.ModuleList、ModuleDict、ParameterList なら見つかる。オプティマイザは空のリスト"
        "を拒否する (ValueError)。一度たどり終えた parameters() も空である。"
    ),
    "2.3.6": (
        "Module の属性である普通のテンソルは、to() で移動せず、state_dict() にも入らない。"
        "register_buffer を使えばどちらもそうなり、persistent=False なら移動だけする。"
        "parameters() には入らないので、オプティマイザは更新しない。"
    ),
    "2.3.7": (
        "複数のモジュールが共有する Parameter や、[layer] * 3 のように何度も使う層は、"
        "parameters() には最初の名前で 1 度だけ、state_dict() にはすべての名前で現れる。勾配は、"
        "すべての和になる。"
    ),
    "2.3.8": (
        "net.to() や double() は net 自身を変えて返す。Parameter は同じオブジェクトのままなので、"
        "先に作ったオプティマイザも更新できる。変わるバッファは置き換わり、整数のバッファの "
        "dtype は変わらない。テンソルの x.to() は別のテンソルを返し、x は変わらない。後から入れた"
        "層を、オプティマイザは知らない。"
    ),
    "2.3.9": (
        "load_state_dict は、モデル自身の Parameter とバッファに値を複製する。オブジェクトも "
        "dtype も変わらない。キーの不足や余分は、残りを読み込んだ後で RuntimeError になり、"
        "strict=False なら報告されるだけである。形状の違いは、どちらでも拒否される。"
        "nn.DataParallel は、すべてのキーの先頭に module. を付ける。"
    ),
    "2.3.10": (
        "load_state_dict(state, assign=True) は (PyTorch 2.1 から)、読み込んだテンソルそのものを"
        "、その dtype とデバイスのままモデルに入れる。先に作ったオプティマイザは、もうモデルを更"
        "新しない。"
    ),
    "2.3.11": (
        "state_dict() はモデル自身のメモリを持ち、取っておいても 1 ステップごとに変わる。"
        "copy.deepcopy(net.state_dict()) なら、その時点の値が残る。"
    ),
    "2.3.12": (
        "torch.save(net.state_dict(), file) と torch.load(file) で、すべてのビットが元どおりにな"
        "る。PyTorch 2.6 から、torch.load はモデル全体のファイルを既定では拒否する "
        "(UnpicklingError)。weights_only=False を渡せば読めるが、ファイルにあるコードが何でも実行"
        "される。"
    ),
    "2.3.13": (
        "勾配は zero_grad() まで足し合わされる。zero_grad() の後の .grad は、PyTorch 2.0 から "
        "None で、それより前は 0 である。zero_grad(set_to_none=False) は、今も勾配を 0 で埋める。"
    ),
    "2.3.14": (
        "net.requires_grad_(False) は全パラメータを凍結し、net を返す。net.requires_grad = False "
        "は、属性を作るだけである。凍結した層より前の層は学習を続け、凍結したバッチ正規化の統計量"
        "も学習時には動く。backward() の後で凍結した層には .grad が残り、step() がまだ動かすので"
        "、.grad を None にする。"
    ),
    "2.3.15": (
        "Module の __init__ は、モジュールや Parameter を代入する前に super().__init__() を呼ばな"
        "ければならない (AttributeError)。forward の無い Module は呼び出せない "
        "(NotImplementedError)。"
    ),
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
        "その名前の関数は無い。正しくは (Kaiming He にちなむ) kaiming_normal_ で、平均 0、標準偏"
        "差 sqrt(2 / fan_in) の正規分布から値を取る。mode='fan_out' なら fan_in の代わりに "
        "fan_out を使い、nonlinearity と a (leaky ReLU の傾き) で sqrt(2) の係数が変わる。"
    ),
    "2.2.5": (
        "normal_、uniform_、constant_ は、バイアスにも同じように働く。"
        "Xavier と He の初期化は ValueError で拒否する。バイアスは 1 "
        "次元だが、fan_in と fan_out は 2 次元以上でしか定義されないためである。"
    ),
    "2.2.6": (
        "重みもバイアスも、-1/sqrt(fan_in) から 1/sqrt(fan_in) までの一様分布から値を取る。重みは"
        " kaiming_uniform_ に a=sqrt(5) を渡したものである。分散は 1/(3*fan_in) で、He の "
        "2/fan_in の 6 分の 1 であり、分布の形も正規分布ではない。"
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
QUESTIONS = {
    "2.1.4": (
        "mat1 and mat2 shapes cannot be multiplied や must have the same dtype と言われた。"
        "Linear は何を受け付けるのか。"
    ),
    "2.1.5": ("Conv2d はカーネルを反転するのか。結果の大きさは。なぜ 3 チャネルを求められるのか。"),
    "2.1.6": "nn.Parameter(...).to('cuda') が parameters() に無い。なぜか。",
    "2.1.7": (
        "cannot assign 'torch.FloatTensor' as parameter 'weight' と言われた。重みはどう設定するの"
        "か。"
    ),
    "2.1.8": (
        "weight_norm や spectral_norm を施した層の重みを初期化しても、何も変わらない。なぜか。"
    ),
    "2.1.9": (
        "Attempted to use an uninitialized parameter と言われた。lazy な層の形状はいつ決まるのか。"
    ),
    "2.2.7": "Conv2d、BatchNorm、Embedding、LSTM は、何も指定しなければどう初期化されるのか。",
    "2.2.8": "毎回同じ重みから始めるには、どうすればよいか。",
    "2.2.9": "モデルの全層を初期化するには、どうすればよいか。",
    "2.2.10": "一様分布の初期化はどこから値を取るのか。trunc_normal_ はどこで切り捨てるのか。",
    "2.2.11": "orthogonal_、eye_、dirac_ は重みを何にするのか。",
    "2.3.5": (
        "optimizer got an empty parameter list と言われた。なぜ層が parameters() に無いのか。"
    ),
    "2.3.6": "属性のテンソルが CPU に残り、保存もされない。なぜか。",
    "2.3.7": "共有した重みはどう数えられるのか。モデルのパラメータ数はどう数えるのか。",
    "2.3.8": ("オプティマイザを作る前にモデルを移動すべきか。to() の結果を代入する必要はあるか。"),
    "2.3.9": (
        "Missing key(s) in state_dict、Unexpected key(s)、size mismatch と言われた。何が読み込ま"
        "れたのか。strict=False は何をするのか。"
    ),
    "2.3.10": "load_state_dict(assign=True) で何が変わるのか。",
    "2.3.11": "最良の state_dict() を取っておいたのに、学習とともに変わった。なぜか。",
    "2.3.12": "Weights only load failed と言われた。モデルはどう保存し、どう読み込むのか。",
    "2.3.13": "なぜ zero_grad() を呼ぶのか。その後の .grad はなぜ None なのか。",
    "2.3.14": "モデルの一部を凍結するには、どうすればよいか。なぜまだ変わるのか。",
    "2.3.15": (
        "cannot assign module before Module.__init__() call と言われた。クラスのどこが誤りか。"
    ),
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
