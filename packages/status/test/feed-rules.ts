// What RSS 2.0, Atom (RFC 4287) and JSON Feed 1 require of a feed, as a list of what one breaks. XML is read strictly: what is
// not well formed throws.
import { type Element, xml2js } from "xml-js";

function rootOf(xml: string): Element {
  const illegal = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.exec(xml);
  if (illegal !== null) throw new Error(`no XML has U+${illegal[0].codePointAt(0)?.toString(16)}`);
  const elements: readonly Element[] = xml2js(xml, { compact: false })["elements"] ?? [];
  const [root, ...others] = elements;
  if (root === undefined || others.length > 0) throw new Error("a document has one root");
  return root;
}

function childrenOf({ elements = [] }: Element): readonly Element[] {
  return elements.filter(({ type }) => type === "element");
}

function named(parent: Element, name: string): readonly Element[] {
  return childrenOf(parent).filter((child) => child.name === name);
}

function textOf(element: Element | undefined): string {
  return (element?.elements ?? []).map(({ text = "", cdata = "" }) => `${text}${cdata}`).join("");
}

function attribute(element: Element | undefined, name: string): string | undefined {
  const value = element?.attributes?.[name];
  return value === undefined ? undefined : String(value);
}

function isUrl(text: string | undefined): boolean {
  return text !== undefined && /^https?:$/.test(URL.parse(text)?.protocol ?? "");
}

const RFC_822 =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} (GMT|[+-]\d{4})$/;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

type Rule = readonly [holds: boolean, what: string];

function broken(rules: readonly Rule[]): readonly string[] {
  return rules.flatMap(([holds, what]) => (holds ? [] : [what]));
}

/** So many of the children have the name. */
function times(parent: Element, name: string, least: number, most: number): Rule {
  const { length } = named(parent, name);
  return [length >= least && length <= most, `${parent.name}: ${length} of ${name}`];
}

/** Nothing but these names; of others, a namespace that is declared. */
function elementsIn(
  parent: Element,
  names: readonly string[],
  spaces: readonly string[],
): readonly Rule[] {
  return childrenOf(parent).map(({ name = "" }): Rule => {
    const space = name.includes(":") ? (name.split(":")[0] ?? "") : null;
    const holds = space === null ? names.includes(name) : spaces.includes(space);
    return [holds, `${parent.name}: ${name} is no element of it`];
  });
}

function spacesOf({ attributes = {} }: Element): readonly string[] {
  return Object.keys(attributes).flatMap((name) =>
    name.startsWith("xmlns:") ? [name.slice(6)] : [],
  );
}

const CHANNEL =
  "title link description language copyright managingEditor webMaster pubDate lastBuildDate category generator docs cloud ttl image rating textInput skipHours skipDays item";
const ITEM = "title link description author category comments enclosure guid pubDate source";

export function brokenInRss(xml: string): readonly string[] {
  const rss = rootOf(xml);
  const spaces = spacesOf(rss);
  const [channel = {}] = named(rss, "channel");
  const items = named(channel, "item");
  const guids = items.map((item) => textOf(named(item, "guid")[0]));
  const self = named(channel, "atom:link").filter((link) => attribute(link, "rel") === "self");
  return broken([
    [rss.name === "rss" && attribute(rss, "version") === "2.0", "the root is no rss 2.0"],
    times(rss, "channel", 1, 1),
    ...["title", "link", "description"].map((name) => times(channel, name, 1, 1)),
    ...["language", "lastBuildDate", "generator", "docs"].map((name) => times(channel, name, 0, 1)),
    ...elementsIn(channel, CHANNEL.split(" "), spaces),
    [isUrl(textOf(named(channel, "link")[0])), "channel: link is no URL"],
    [RFC_822.test(textOf(named(channel, "lastBuildDate")[0])), "channel: lastBuildDate"],
    [self.length === 1 && isUrl(attribute(self[0], "href")), "channel: no atom:link to itself"],
    [new Set(guids).size === items.length && !guids.includes(""), "guids are not unique"],
    ...items.flatMap((item) => rssItem(item, spaces)),
  ]);
}

function rssItem(item: Element, spaces: readonly string[]): readonly Rule[] {
  const [guid] = named(item, "guid");
  return [
    ...elementsIn(item, ITEM.split(" "), spaces),
    ...["title", "link", "description", "guid", "pubDate"].map((name) => times(item, name, 1, 1)),
    [isUrl(textOf(named(item, "link")[0])), "item: link is no URL"],
    [attribute(guid, "isPermaLink") === "false" || isUrl(textOf(guid)), "item: guid is no URL"],
    [RFC_822.test(textOf(named(item, "pubDate")[0])), "item: pubDate"],
    [textOf(named(item, "title")[0]) !== "", "item: the title is empty"],
  ];
}

const FEED =
  "author category contributor generator icon id link logo rights subtitle title updated entry";
const ENTRY =
  "author category content contributor id link published rights source summary title updated";
const PERSON = ["author", "contributor"];

export function brokenInAtom(xml: string): readonly string[] {
  const feed = rootOf(xml);
  const entries = named(feed, "entry");
  const ids = entries.map((entry) => textOf(named(entry, "id")[0]));
  const isSigned =
    named(feed, "author").length > 0 || entries.every((one) => named(one, "author").length > 0);
  return broken([
    [feed.name === "feed", "the root is no feed"],
    [attribute(feed, "xmlns") === "http://www.w3.org/2005/Atom", "the namespace is another"],
    ...elementsIn(feed, FEED.split(" "), []),
    ...["id", "title", "updated"].map((name) => times(feed, name, 1, 1)),
    ...["generator", "icon", "logo", "rights", "subtitle"].map((name) => times(feed, name, 0, 1)),
    [isSigned, "neither the feed nor each entry has an author"],
    ...[feed, ...entries].flatMap(atomParts),
    [new Set(ids).size === entries.length, "ids of entries are not unique"],
    ...entries.flatMap((entry): readonly Rule[] => [
      ...elementsIn(entry, ENTRY.split(" "), []),
      ...["id", "title", "updated"].map((name) => times(entry, name, 1, 1)),
      ...["content", "summary", "published"].map((name) => times(entry, name, 0, 1)),
      [isDated(entry, "published"), "entry: published"],
      [named(entry, "content").length + named(entry, "link").length > 0, "entry: nothing to read"],
    ]),
  ]);
}

/** What a feed and an entry have alike. */
function atomParts(element: Element): readonly Rule[] {
  const links = named(element, "link");
  const rels = links.map(
    (link) => `${attribute(link, "rel") ?? "alternate"} ${attribute(link, "type")}`,
  );
  const texts = ["title", "summary", "content", "subtitle", "rights"].flatMap((name) =>
    named(element, name),
  );
  return [
    [isUrl(textOf(named(element, "id")[0])), `${element.name}: id is no IRI`],
    [isDated(element, "updated"), `${element.name}: updated`],
    [links.every((link) => isUrl(attribute(link, "href"))), `${element.name}: a link without href`],
    [new Set(rels).size === rels.length, `${element.name}: two links of one kind`],
    [
      texts.every((one) => ["text", "html", "xhtml", undefined].includes(attribute(one, "type"))),
      `${element.name}: a text's type`,
    ],
    [
      named(element, "category").every((one) => (attribute(one, "term") ?? "") !== ""),
      `${element.name}: a category without term`,
    ],
    [
      PERSON.flatMap((name) => named(element, name)).every(
        (one) => textOf(named(one, "name")[0]) !== "",
      ),
      `${element.name}: a person without name`,
    ],
  ];
}

function isDated(element: Element, name: string): boolean {
  const [found] = named(element, name);
  return found !== undefined && RFC_3339.test(textOf(found));
}

type Fields = { readonly [name: string]: unknown };

export function brokenInJsonFeed(text: string): readonly string[] {
  const feed: Fields & { readonly items?: readonly Fields[] } = JSON.parse(text);
  const items = feed.items ?? [];
  const ids = items.map(({ id }) => id);
  const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
  return broken([
    [/^https:\/\/jsonfeed\.org\/version\/1(\.1)?$/.test(String(feed["version"])), "version"],
    [isText(feed["title"]), "title"],
    [Array.isArray(feed.items), "items"],
    [isUrl(String(feed["home_page_url"])), "home_page_url"],
    [isUrl(String(feed["feed_url"])), "feed_url"],
    [new Set(ids).size === items.length && ids.every(isText), "ids are not unique"],
    ...items.flatMap((item): readonly Rule[] => [
      [isText(item["content_html"]) || isText(item["content_text"]), "item: no content"],
      [isUrl(String(item["url"])), "item: url"],
      [RFC_3339.test(String(item["date_published"])), "item: date_published"],
      [RFC_3339.test(String(item["date_modified"])), "item: date_modified"],
      [Array.isArray(item["tags"]) && item["tags"].every(isText), "item: tags"],
    ]),
  ]);
}
