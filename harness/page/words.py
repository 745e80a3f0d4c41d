"""The page's own words, in English and Japanese. Claims and chapters: the ledger, japanese.py."""

from __future__ import annotations

from typing import NamedTuple

from specs.ledger import Verdict


class Words(NamedTuple):
    """The same thing said in both languages."""

    en: str
    ja: str | None  # None if it is not translated: the page shows the English, marked as such


VERDICTS = {
    Verdict.HOLDS: Words("holds", "正しい"),
    Verdict.CORRECTED: Words("corrected", "要訂正"),
    Verdict.DRIFTED: Words("drifted", "その後変化"),
    Verdict.NEIGHBOUR: Words("neighbour", "補足"),
}

MEANINGS = {
    Verdict.HOLDS: Words("true as the article states it", "記事のとおり"),
    Verdict.CORRECTED: Words("false as written, or only partly true", "誤り、または一部だけ正しい"),
    Verdict.DRIFTED: Words(
        "true when written, but a later release changed it",
        "執筆時には正しかったが、後のリリースで変わった",
    ),
    Verdict.NEIGHBOUR: Words(
        "not in the article, but needed to use its claims safely",
        "記事には無いが、安全に使うために知っておくべきこと",
    ),
}

OUTCOMES = {
    "confirmed": Words("confirmed", "確認"),
    "failed": Words("failed", "失敗"),
    "crashed": Words("crashed", "異常終了"),
    "not checked": Words("not checked", "未確認"),
    "passed": Words("confirmed", "確認"),  # of a single spec, as the next one
    "skipped": Words("skipped", "スキップ"),
}

WORDS = {
    "title": Words("How PyTorch behaves", "PyTorch のふるまい"),
    "subtitle": Words(
        "An executable specification of PyTorch's everyday behaviour, based on a Japanese article "
        "from 2022. Each claim is shown with the tests that prove it.",
        "2022 年の日本語記事をもとに、PyTorch の日常的なふるまいを実行可能な仕様としてまとめた。"
        "各主張には、それを証明するテストを添えている。",
    ),
    "language": Words("Language", "言語"),
    "skip": Words("Skip to the claims", "主張へ移動"),
    "filter": Words("Find claims", "主張を探す"),
    "search": Words("Search (press /)", "検索 (/ キー)"),
    "verdict": Words("Verdict", "判定"),
    "outcome": Words("Outcome", "結果"),
    "chapter": Words("Chapter", "章"),
    "device": Words("Device", "デバイス"),
    "no device": Words("any device", "デバイス不問"),
    "changed since": Words("Changed since", "このリリース以降に変化"),
    "all": Words("all", "すべて"),
    "reset": Words("Show all", "すべて表示"),
    "none": Words("No claim matches.", "該当する主張はない。"),
    "chapters": Words("Chapters", "目次"),
    "truth": Words("In fact", "実際には"),
    "since": Words("Changed in PyTorch", "変化したリリース: PyTorch"),
    "docs": Words("PyTorch's documentation", "PyTorch のドキュメント"),
    "link": Words("Link to claim", "この主張へのリンク"),
    "specs": Words("Proven by", "証明するテスト"),
    "tried": Words("Examples tried", "試行した例"),
    "extreme": Words("the most extreme", "最も極端な例"),
    "releases": Words("Release by release", "リリースごとの結果"),
    "run": Words("this run", "今回"),
    "same": Words("Observed to be the same in every release", "どのリリースでも同じ観測結果"),
    "observed": Words("Observed in this run", "今回の観測結果"),
    "further": Words("Other observations that changed", "変化したその他の観測結果"),
    "not observed": Words("not observed", "観測なし"),
    "how observed": Words("Source code of the observations", "観測のソースコード"),
    "reading": Words("How to read this page", "このページの読み方"),
    "devices": Words("Devices", "デバイス"),
    "costs": Words("What it costs", "コスト"),
    "numbers": Words("All numbers", "すべての数値"),
    "in words": Words("In words", "要約"),
    "other failures": Words("Other failures", "その他の失敗"),
    "strip help": Words(
        "Each strip shows the releases of PyTorch from the oldest to the newest, then this run. "
        "Equal letters are equal values; hover over a segment or focus it to read its value.",
        "帯は PyTorch のリリースを古い順に並べたもので、右端が今回の実行である。"
        "同じ文字は同じ値を表す。マウスを重ねるか、フォーカスすると値が表示される。",
    ),
    "extreme help": Words(
        "The most extreme example is the one whose values are the most unusual: empty, "
        "0-dimensional, not contiguous, NaN, infinity, -0.0 or subnormal.",
        "最も極端な例とは、空、0 次元、非連続、NaN、無限大、-0.0、非正規化数といった"
        "特殊な性質を最も多く持つ例である。",
    ),
    "untranslated": Words("not translated", "未訳"),
    "written by": Words("Written by pytest --page", "pytest --page が生成"),
}
