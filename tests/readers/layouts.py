# ruff: noqa: E501
"""Layouts of article pages, of our own making, with the passages that belong to each.

A layout is the body of a page. `{h}` is the headline, `{1}` to `{5}` are the article's
paragraphs in `<p>`, `{1t}` to `{5t}` their bare texts; the other names stand for what is around
an article on most sites. None of the texts is anybody else's.
"""

import json
import re

PLACES = "Harwick Ostby Lunden Marsk Tofte Kirkby Sandvig Elmore Brandal Hestholm".split()
TOPICS = (
    ("ferry", "crossing", "sound"), ("library", "reading room", "market square"),
    ("tram", "depot", "station road"), ("quarry", "stone works", "valley"),
    ("orchard", "cider press", "north field"), ("lighthouse", "lamp", "outer skerry"),
    ("school", "gymnasium", "mill lane"), ("swimming bath", "boiler", "river bank"),
)  # fmt: skip
PARAGRAPHS = (
    (
        "The council of {place} voted on Monday to close the old {a} for good, and to put the money "
        "into a new {b} near the {c}, which is to open in {year}."
    ),
    (
        "Mayor Dana Holt said the {a} had lost {n} thousand crowns a year, and that no private company "
        "wanted to run it any longer."
    ),
    (
        "“We have looked at every other way,” she told the members, some of whom had come to {place} "
        "with a petition of {n} signatures."
    ),
    (
        "Residents near the {c} called the decision reckless, as the {b} will not be ready before the "
        "spring of {year}."
    ),
    (
        "The union asked for a delay of six months, so that its {n} members could find other work in "
        "the region around {place}."
    ),
)
AROUND = {
    "nav": "<nav><ul><li><a href='/'>Home</a></li><li><a href='/local'>Local</a></li>"
    "<li><a href='/sport'>Sport</a></li></ul></nav>",
    "navdiv": "<div class='navbar'><a href='/'>Front page</a> <a href='/w'>Weather</a></div>",
    "cookie": "<div class='cookie-banner' role='dialog'><p>We and our partners store cookies to "
    "measure visits. You may refuse them at any time in the settings.</p><button>Accept</button>"
    "</div>",
    "share": "<div class='share-bar'><a href='#f'>Share on Facebook</a> <a href='#m'>Send by "
    "mail</a></div>",
    "related": "<div class='related-articles'><h3>Read more</h3><ul><li><a href='/a'>Harbour "
    "dredging begins after long wait</a></li><li><a href='/b'>Choir wins county prize</a></li>"
    "</ul></div>",
    "news": "<div class='newsletter-signup'><p>Get the morning letter with the day's most "
    "important stories straight to your inbox.</p></div>",
    "footer": "<footer><p>Published by the Lantern Press Company. All rights are reserved by the "
    "publisher.</p><a href='/imprint'>Imprint</a></footer>",
    "footerdiv": "<div id='footer'><p>Published by the Lantern Press Company. All rights are "
    "reserved by the publisher.</p></div>",
    "side": "<aside class='sidebar'><h3>Most read</h3><p>Five bakeries that still knead by hand, "
    "and where their bread is sold before dawn.</p></aside>",
    "sidediv": "<div class='sidebar'><h3>Most read</h3><p>Five bakeries that still knead by hand, "
    "and where their bread is sold before dawn.</p></div>",
    "readers": "<section class='comments'><h2>2 comments</h2><div class='comment' "
    "id='comment-11'><p class='comment-author'>Bob</p><p>What a silly thing it was, good riddance "
    "to the whole lot of them.</p></div><div class='comment' id='comment-12'><p>I loved it dearly "
    "and will miss it every single day of the week.</p></div></section>",
    "wpreaders": "<div id='comments' class='comments-area'><ol class='commentlist'><li "
    "class='comment even depth-1'><div class='comment-body'><p>What a silly thing it was, good "
    "riddance to the whole lot of them.</p></div></li></ol><div id='respond'><form><label "
    "class='comment'>Leave a reply</label><textarea></textarea></form></div></div>",
    "ad": "<div class='advertisement'><p>Sponsored: new winter boots at half the price, only "
    "until Sunday evening.</p></div>",
    "teaser": "<article class='teaser'><h3>Choir wins county prize</h3><p>The singers took home "
    "the cup for the third year.</p></article>",
}  # fmt: skip
BOILERPLATE = (
    "We and our partners store cookies", "Share on Facebook", "Choir wins county prize",
    "Get the morning letter with the day's", "All rights are reserved by the publisher",
    "Five bakeries that still knead by hand", "What a silly thing it was",
    "I loved it dearly", "new winter boots at half the price", "Leave a reply", "Front page",
)  # fmt: skip

ALL = "{1}{2}{3}{4}{5}"
LAYOUTS = {
    "article_element": "{nav}<main><article><h1>{h}</h1>" + ALL + "{share}</article></main>{footer}",
    "has_sidebar": "{navdiv}<div class='site has-sidebar'><div class='story'><h1>{h}</h1>" + ALL
    + "</div>{sidediv}</div>{footer}",
    "wp_tags": "{nav}<article class='post tag-sponsor category-newsletter'><h1>{h}</h1>"
    "<div class='entry-content'>" + ALL + "{share}</div></article>{wpreaders}{footer}",
    "no_share": "<div class='page no-share with-ads'><h1>{h}</h1>" + ALL + "</div>{footerdiv}",
    "aside_holds_all": "{nav}<aside class='content'><h1>{h}</h1>" + ALL + "</aside>{cookie}",
    "complementary_role": "{nav}<div role='complementary'><h1>{h}</h1>" + ALL + "</div>{footer}",
    "footer_wraps": "<div class='page-footer'><h1>{h}</h1>" + ALL + "</div>{cookie}",
    "plain_divs": "{navdiv}<div><div><h1>{h}</h1>" + ALL + "</div></div>{footerdiv}",
    "itemprop": "{nav}<div itemprop='articleBody'><h1>{h}</h1>" + ALL + "</div>{related}{footer}",
    "split_body": "{nav}<h1>{h}</h1><div class='article-text'>{1}{2}</div>{ad}"
    "<div class='article-text'>{3}{4}{5}</div>{related}{footer}",
    "teasers": "<main>{teaser}<article class='story'><h1>{h}</h1>" + ALL + "</article>{teaser}"
    "</main>{footer}",
    "many_articles": "{nav}<article><h1>{h}</h1>" + ALL + "</article>{teaser}{teaser}{teaser}",
    "related_inside": "<article><h1>{h}</h1>{1}{2}{related}{3}{4}{5}{news}</article>{footer}",
    "ad_between": "<article><h1>{h}</h1>{1}{ad}{2}{3}{ad}{4}{5}</article>{footer}",
    "newsletter_between": "<div class='post-content'><h1>{h}</h1>{1}{2}{news}{3}{4}{5}</div>",
    "table_layout": "<table><tr><td>{navdiv}</td><td><h1>{h}</h1>" + ALL + "</td></tr></table>"
    "{footerdiv}",
    "br_paragraphs": "{nav}<div class='story-body'><h1>{h}</h1>{1t}<br><br>{2t}<br><br>{3t}"
    "<br><br>{4t}<br><br>{5t}</div>{footer}",
    "div_paragraphs": "{nav}<div class='text'><h1>{h}</h1><div>{1t}</div><div>{2t}</div>"
    "<div>{3t}</div><div>{4t}</div><div>{5t}</div></div>{footer}",
    "span_paragraphs": "<article><h1>{h}</h1><div><span>{1t}</span></div><div><span>{2t}</span>"
    "</div><div><span>{3t}</span></div>{4}{5}</article>{footer}",
    "section_paragraphs": "<main><h1>{h}</h1><section>{1}{2}</section><section><h2>Background</h2>"
    "{3}{4}</section><section>{5}</section></main>{side}{footer}",
    "form_page": "<form id='aspnetForm'>{navdiv}<h1>{h}</h1><div class='content'>" + ALL
    + "</div>{footerdiv}</form>",
    "site_h1": "<header><h1><a href='/'>The Lantern</a></h1></header>{nav}<div class='content'>"
    "<h2 class='headline'>{h}</h2>" + ALL + "</div>{footer}",
    "header_lede": "{nav}<article><header><h1>{h}</h1><p class='lede'>{1t}</p></header>{2}{3}{4}{5}"
    "</article>{related}{footer}",
    "lede_outside": "{nav}<h1>{h}</h1><p class='standfirst'>{1t}</p><div class='article-body'>"
    "{2}{3}{4}{5}</div>{footer}",
    "figure_first": "<article><h1>{h}</h1><figure><img src='a.jpg'><figcaption>The quay in "
    "winter.</figcaption></figure>" + ALL + "</article>{share}{footer}",
    "list_inside": "<article><h1>{h}</h1>{1}{2}<ul><li>{3t}</li><li>{4t}</li></ul>{5}</article>"
    "{related}{footer}",
    "quote_inside": "<article><h1>{h}</h1>{1}{2}<blockquote><p>{3t}</p></blockquote>{4}{5}</article>"
    "{footer}",
    "readers_after": "<article><h1>{h}</h1>" + ALL + "</article>{readers}{footer}",
    "readers_inside": "<article><h1>{h}</h1><div class='body'>" + ALL + "</div>{readers}</article>",
    "many_readers": "<article><h1>{h}</h1>" + ALL + "</article>{readers}{readers}{readers}{readers}",
    "wp_readers": "<div class='post'><h1>{h}</h1><div class='entry-content'>" + ALL + "</div></div>"
    "{wpreaders}",
    "side_first": "{nav}{side}<div id='content'><h1>{h}</h1>" + ALL + "</div>{footer}",
    "columns": "<div class='row'><div class='col-8'><h1>{h}</h1>" + ALL + "</div>"
    "<div class='col-4'>{sidediv}{news}</div></div>{footer}",
    "cookie_first": "{cookie}{nav}<div class='wrapper'><h1>{h}</h1>" + ALL + "</div>{footer}",
    "modal_page": "<div class='modal-page'><div class='article'><h1>{h}</h1>" + ALL + "</div></div>"
    "{cookie}{footer}",
    "menu_body": "<div class='with-menu'><div id='menu'><a href='/'>Front page</a></div>"
    "<div class='tags-politics'><h1>{h}</h1>" + ALL + "</div></div>{footer}",
    "social_page": "<div id='social'><div class='story'><h1>{h}</h1>" + ALL + "</div></div>{footer}",
    "hidden_parts": "<article><h1>{h}</h1>{1}<p hidden>We and our partners store cookies.</p>{2}"
    "<div style='display:none'><p>Leave a reply to this at once.</p></div>{3}{4}{5}</article>",
    "behind_dialog": "<div id='app' aria-hidden='true'><h1>{h}</h1>" + ALL + "</div>{cookie}",
    "shown_by_script": "<div style='visibility: hidden'><main><h1>{h}</h1>" + ALL + "</main></div>",
    "json_only": "<div id='root'></div><script type='application/ld+json'>{json}</script>",
    "long_page": "{navdiv}<div id='main'><h1>{h}</h1>" + ALL + ALL.replace("{", "{z") + "</div>"
    "{related}{footerdiv}",
}  # fmt: skip


def article(number):
    """Return the headline and the paragraphs of an article of its own for each layout."""
    a, b, c = TOPICS[number % len(TOPICS)]
    words = {"place": PLACES[number % len(PLACES)], "a": a, "b": b, "c": c}
    words |= {"n": 17 + 3 * number, "year": 2026 + number % 7}
    return f"{words['place']} closes its {a}", [p.format(**words) for p in PARAGRAPHS]


def page(number, layout):
    """Return the page of a layout, and the passages that it has and has not."""
    headline, paragraphs = article(number)
    more = [text for n in range(50, 58) for text in article(n)[1]][:5]
    fills = {"h": headline, "json": json.dumps(
        {"@type": "NewsArticle", "headline": headline, "articleBody": "\n\n".join(paragraphs)}
    )}  # fmt: skip
    for place, text in enumerate(paragraphs, start=1):
        fills |= {str(place): f"<p>{text}</p>", f"{place}t": text}
    fills |= {f"z{place}": f"<p>{text}</p>" for place, text in enumerate(more, start=1)}
    names = re.findall(r"\{(\w+)\}", layout)
    body = re.sub(r"\{(\w+)\}", lambda m: (AROUND | fills)[m[1]], layout)
    html = (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{headline} - The "
        f"Lantern</title></head><body>{body}</body></html>"
    )
    wanted = list(paragraphs) + (more if "z1" in names else [])
    seen = "".join(AROUND[name] for name in names if name in AROUND)
    without = [text for text in BOILERPLATE if text in seen or (text in layout)]
    return html, wanted, without


def write(folder):
    """Write all pages and their `evaldata.json`, as `tools/score_extraction.py` reads them."""
    (folder / "cache").mkdir()
    data = {}
    for number, (name, layout) in enumerate(LAYOUTS.items()):
        html, wanted, without = page(number, layout)
        (folder / "cache" / f"{name}.html").write_text(html, encoding="utf-8")
        data[f"https://lantern.example/{name}"] = {
            "file": f"{name}.html", "with": wanted, "without": without,
        }  # fmt: skip
    (folder / "evaldata.json").write_text(json.dumps(data), encoding="utf-8")
