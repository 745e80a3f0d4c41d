"""The page's own words, in English and in Japanese. The claims' are in the ledger."""

from __future__ import annotations

from typing import NamedTuple

from specs.ledger import Verdict


class Words(NamedTuple):
    """The same thing said in both languages."""

    en: str
    ja: str


VERDICTS = {
    Verdict.HOLDS: Words("holds", "正しい"),
    Verdict.CORRECTED: Words("corrected", "要訂正"),
    Verdict.DRIFTED: Words("drifted", "その後変化"),
    Verdict.NEIGHBOUR: Words("neighbour", "補足"),
}

MEANINGS = {
    Verdict.HOLDS: Words("true as the article has it", "記事のとおりである"),
    Verdict.CORRECTED: Words(
        "false as written, or true only in part", "そのままでは誤り、または一部だけ正しい"
    ),
    Verdict.DRIFTED: Words(
        "true when written, changed by a later release",
        "執筆時には正しかったが、後のリリースで変わった",
    ),
    Verdict.NEIGHBOUR: Words(
        "not in the article; needed to use its claims safely",
        "記事には無いが、安全に使うために知っておくべきこと",
    ),
}

OUTCOMES = {
    "confirmed": Words("confirmed", "確認"),
    "failed": Words("failed", "失敗"),
    "crashed": Words("crashed", "異常終了"),
    "not checked": Words("not checked", "未確認"),
}

#: What became of one spec, in the same words.
OF_A_SPEC = {
    "passed": OUTCOMES["confirmed"],
    "failed": OUTCOMES["failed"],
    "crashed": OUTCOMES["crashed"],
    "skipped": Words("skipped", "対象外"),
}

WORDS = {
    "title": Words("How PyTorch behaves", "PyTorch のふるまい"),
    "subtitle": Words(
        "An executable specification of PyTorch's everyday behaviour, after a Japanese article of "
        "2022. Each claim stands with the tests that prove it.",
        "2022 年の日本語記事をもとにした、PyTorch の日常的なふるまいの実行可能な仕様。"
        "それぞれの主張に、それを証明するテストを添えた。",
    ),
    "language": Words("Language", "言語"),
    "skip": Words("Skip to the claims", "主張へ移動"),
    "filter": Words("Find claims", "主張を探す"),
    "search": Words("Search (press /)", "検索 (/ キー)"),
    "verdict": Words("Verdict", "判定"),
    "outcome": Words("Outcome", "結果"),
    "chapter": Words("Chapter", "章"),
    "device": Words("Device", "デバイス"),
    "no device": Words("without a device", "デバイス不問"),
    "changed since": Words("Changed since", "次の版から変化"),
    "all": Words("all", "すべて"),
    "reset": Words("Show all", "すべて表示"),
    "none": Words("No claim matches.", "該当する主張はない。"),
    "chapters": Words("Chapters", "目次"),
    "truth": Words("What is true", "正しくは"),
    "since": Words("Changed in PyTorch", "変化した版: PyTorch"),
    "docs": Words("PyTorch's documentation", "PyTorch のドキュメント"),
    "link": Words("Link to claim", "この主張へのリンク"),
    "specs": Words("Proven by", "証明する仕様"),
    "extreme": Words("the most extreme", "最も極端な例"),
    "releases": Words("Release by release", "リリースごとの結果"),
    "run": Words("this run", "今回"),
    "same": Words("Observations that are the same in every release", "どのリリースでも同じ観測"),
    "observed": Words("Observations of this run", "今回の観測"),
    "further": Words("Further observations that changed", "その他の変化した観測"),
    "not observed": Words("not observed", "観測なし"),
    "how observed": Words("How it is observed", "観測のしかた"),
    "reading": Words("How to read this page", "このページの読み方"),
    "devices": Words("Devices", "デバイス"),
    "costs": Words("What it costs", "コスト"),
    "numbers": Words("The numbers", "数値"),
    "in words": Words("In words", "要約"),
    "other failures": Words("Other tests that failed", "失敗したその他のテスト"),
    "strip help": Words(
        "Each strip runs over the releases of PyTorch, the oldest on the left, this run on the "
        "right. The same letter is the same value; hover or focus a part to read it.",
        "帯は左から古い順に PyTorch の各リリースを表し、右端が今回の実行である。"
        "同じ文字は同じ値で、マウスを重ねるかフォーカスすると値が表示される。",
    ),
    "extreme help": Words(
        "The most extreme example has the most features that plain values lack: no element, no "
        "dimension, memory that is not contiguous, NaN, infinity, negative zero, subnormal "
        "numbers, a dtype's least and greatest.",
        "最も極端な例とは、要素や次元が無い、メモリが連続でない、NaN、無限大、負のゼロ、非正規化数、"
        "dtype の最小値や最大値といった特徴を最も多く持つ例である。",
    ),
    "written by": Words("Written by pytest --page", "pytest --page が生成"),
}
