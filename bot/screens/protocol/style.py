"""How the page of a protocol looks, on a screen and on A4 paper; nothing is loaded from anywhere."""

import re

STYLE = """
@page { size: A4; margin: 14mm 12mm 16mm; }
:root { --line: #c9d0d6; --soft: #5a6570; --red: #b3261e; --amber: #9a5b00; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem; overflow-wrap: anywhere; color: #14191d;
  background: #fff;
  font: 14px/1.5 "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC",
    "Microsoft YaHei", "Hiragino Sans GB", "WenQuanYi Micro Hei", "Segoe UI", "Helvetica Neue", Arial,
    sans-serif; }
/* Chinese fonts draw quotation marks as wide as a character. */
:lang(en) { font-family: "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", "Noto Sans",
    "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .75rem; }
h2 { font-size: 1.15rem; margin: 1.75rem 0 .4rem; padding-bottom: .2rem; border-bottom: 2px solid #14191d;
  break-after: avoid; }
.other { color: var(--soft); }
.intro { margin: .2rem 0; color: var(--soft); break-after: avoid; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
section table { margin-top: .4rem; }
col.id { width: 7.5rem; } col.source { width: 22%; }
td, th { text-align: left; vertical-align: top; padding: .4rem .5rem; border-top: 1px solid var(--line);
  overflow-wrap: anywhere; font-weight: normal; }
th { font-weight: 600; font-size: .9em; overflow-wrap: normal; }
td b { font-weight: 600; }
tr { break-inside: avoid; }
tr.listed { break-inside: auto; } tr.listed td, tr.listed th { border-top: 0; padding-top: 0; }
.listed td { font-size: .86em; } .listed p { margin: 0 0 .25rem; }
tr.red th { border-left: 4px solid var(--red); } tr.amber th { border-left: 4px solid #e69a1c; }
.mark { display: block; font-weight: 500; font-size: .88em; color: var(--soft); line-height: 1.35;
  margin-top: .15rem; }
tr.red .mark { color: var(--red); } tr.amber .mark { color: var(--amber); }
ul { margin: .15rem 0 0; padding-left: 1.1rem; } ul ul { margin: 0; }
li { margin: .05rem 0; }
td.source { font-size: .8em; color: var(--soft); line-height: 1.4; }
td.source p { margin: 0 0 .25rem; } td.source i { display: block; margin-bottom: .25rem; }
.tag { font-weight: 700; color: #14191d; }
.facts td { border: 0; padding: .15rem .5rem .15rem 0; }
.contents ol { margin: .75rem 0 0; padding-left: 1.6rem; columns: 2; column-gap: 2rem; }
.contents a { color: inherit; text-decoration-color: var(--line); }
.signing { break-inside: avoid; }
.signing table { max-width: 34rem; } .signing th { width: 14rem; border: 0; vertical-align: bottom; }
.signing td.line { border: 0; border-bottom: 1px solid #14191d; height: 3.2rem; }
@media screen and (max-width: 45rem) {
  body { padding: .8rem; }
  .contents ol { columns: 1; }
  colgroup { display: none; } table, tbody, tr, td, th { display: block; width: auto; }
  tr { border-top: 1px solid var(--line); padding: .3rem 0; } td, th { border-top: 0; padding: .2rem .4rem; }
}
@media print { body { max-width: none; padding: 0; font-size: 8.5pt; line-height: 1.35; }
  td, th { padding: .25rem .4rem; } ul { padding-left: .9rem; } h2 { margin-top: 1.1rem; }
  col.source { width: 18%; }
  col.id { width: 24mm; }
  .mark, tr th { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
"""


def footed(foot: str) -> str:
    """Return the style that puts a line and the number of the page at the foot of each printed page."""
    # Whatever could end a string of CSS is left out: ids, versions and digests have none of it.
    said = re.sub(r"[^\w.· -]", "", foot)
    small = "font: 7pt sans-serif; color: #5a6570;"
    number = f"@bottom-right {{ content: counter(page) ' / ' counter(pages); {small} }}"
    return f"@page {{ @bottom-left {{ content: '{said}'; {small} }} {number} }}\n"
