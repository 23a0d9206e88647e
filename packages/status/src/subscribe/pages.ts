// The pages on which readers subscribe, confirm and unsubscribe: plain forms, which need no script.

import type { StatusPage } from "@slipway/core";
import { element, type Markup, together } from "../html/markup.ts";
import { pageShell } from "../html/page-shell.ts";
import type { Strings } from "../strings/strings.ts";
import { ADDRESS_LENGTH_MAX, type Subscriber, type SubscriptionWay } from "./subscriber.ts";

type Place = { readonly page: StatusPage; readonly strings: Strings };

/** `ways`: those that this page offers. */
export function subscribePage(
  place: Place,
  ways: readonly SubscriptionWay[],
  fault: string | null,
): string {
  const { page, strings } = place;
  const { subscription } = strings;
  const choices = ways.map((way, index) =>
    choice("radio", "way", way, subscription[way], index === 0),
  );
  const components = page.components.map(({ id, name }) =>
    choice("checkbox", "component", id, name, false),
  );
  const form = element(
    "form",
    { method: "post" },
    group(subscription.way, ...choices),
    element(
      "p",
      {},
      element("label", { for: "address" }, subscription.address),
      input({
        id: "address",
        name: "address",
        type: "text",
        required: "",
        autocomplete: "email",
        maxlength: ADDRESS_LENGTH_MAX,
      }),
    ),
    ...(components.length < 2
      ? []
      : [
          group(
            subscription.components,
            ...components,
            element("p", { class: "quiet" }, subscription.all),
          ),
        ]),
    element("p", {}, element("button", { type: "submit" }, subscription.submit)),
  );
  const said = fault === null ? [] : [element("p", { role: "alert", class: "notice" }, fault)];
  return shelled(place, "subscribe/", subscription.title, together(...said, form));
}

/** One sentence, after something was done. */
export function saidPage(place: Place, said: string, ...more: readonly Markup[]): string {
  const { title } = place.strings.subscription;
  return shelled(
    place,
    "subscribe/",
    title,
    together(element("p", { role: "status" }, said), ...more),
  );
}

/** What a confirmed webhook is signed with: shown to whoever has the link that went to it. */
export function secretOf({ strings }: Place, { secret }: Subscriber): Markup {
  return element("p", {}, `${strings.subscription.secret} `, element("code", {}, secret));
}

/** Whoever opens a link has not decided yet: programs open links too. A button does. */
export function managePage(place: Place, subscriber: Subscriber): string {
  const { subscription } = place.strings;
  const isAsked = subscriber.state === "asked";
  const act = isAsked ? "confirm" : "leave";
  const form = element(
    "form",
    { method: "post" },
    element("p", {}, element("code", {}, subscriber.address)),
    input({ type: "hidden", name: "token", value: subscriber.token }),
    input({ type: "hidden", name: "act", value: act }),
    element("p", {}, element("button", { type: "submit" }, subscription[act])),
  );
  const title = isAsked ? subscription.confirmTitle : subscription.leaveTitle;
  return shelled(place, `subscription/?token=${subscriber.token}`, title, form);
}

function shelled({ page, strings }: Place, path: string, title: string, content: Markup): string {
  return pageShell({
    ...{ page, strings, title: `${title} – ${page.title}`, base: "../../" },
    inLanguage: (tag) => `${tag}/${path}`,
    content: together(element("h2", {}, title), content),
  });
}

function group(legend: string, ...children: readonly Markup[]): Markup {
  return element("fieldset", {}, element("legend", {}, legend), ...children);
}

function choice(
  type: string,
  name: string,
  value: string,
  text: string,
  isChosen: boolean,
): Markup {
  const chosen = isChosen ? { checked: "" } : {};
  return element(
    "p",
    {},
    element("label", {}, input({ type, name, value, ...chosen }), ` ${text}`),
  );
}

function input(attributes: { readonly [name: string]: string | number }): Markup {
  return { html: element("input", attributes).html.replace(/<\/input>$/, "") };
}
