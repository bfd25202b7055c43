// The side panel: what the community is, what is chosen, layers with their legend, and where the data comes from.
import { Choice, Desk } from "./desk";
import { el, fill } from "./dom";
import { Language } from "./facts";
import { Layers } from "./panel/layers";
import { Overview } from "./panel/overview";
import { Lines, Sight, Steering } from "./panel/pieces";
import { addressCard, buildingCard, compoundCard, incidentCard, resourceCard, streetCard } from "./panel/things";
import { unitCard } from "./panel/unit";
import { SearchBox } from "./search/box";
import { Cases } from "./views/cases";

const LANGUAGE_NAMES: Record<Language, string> = { en: "English", zh: "中文" };
const CARDS: Record<Choice["kind"], (sight: Sight, row: number) => Lines> = {
  unit: unitCard,
  building: buildingCard,
  resource: resourceCard,
  incident: incidentCard,
  compound: compoundCard,
  address: addressCard,
  street: streetCard,
};

/** What stands in the panel beside what is chosen. */
export interface Sections {
  first: HTMLElement[];
  findings: HTMLElement;
  cases: Cases;
}

export class Panel {
  readonly root = el("main", { id: "govmap-panel" });
  readonly buttons = el("div", { class: "buttons" });
  private readonly tongues = el("div", { class: "buttons" });
  private readonly card = el("section", { class: "card", tabindex: "-1" });
  private readonly about = el("footer");
  private readonly head = el("header");
  private readonly body = el("div", { class: "body" });
  private readonly grip = el("button", { class: "grip", type: "button" });
  private readonly layers: Layers;
  private readonly overview: Overview;
  private readonly sight: Sight;

  constructor(
    private readonly desk: Desk,
    steering: Steering,
    { first, findings, cases }: Sections,
  ) {
    this.sight = { desk, steering, cases };
    this.layers = new Layers(desk);
    this.overview = new Overview(this.sight, () => this.drawCard(false));
    const middle = desk.facts.audience === "worker" ? [this.card, findings] : [findings, this.card];
    this.buttons.append(this.tongues);
    this.body.append(...first, ...middle, this.layers.root, this.about);
    this.root.append(this.grip, this.head, new SearchBox(desk, (choice) => steering.go(choice)).root, this.body);
    this.grip.addEventListener("click", () => this.fold());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && desk.choice) desk.choose(null);
    });
    desk.on("language", () => this.draw());
    desk.on("tables", () => this.draw());
    desk.on("choice", () => this.drawCard(true));
    this.draw();
  }

  private fold(): void {
    const folded = this.root.classList.toggle("folded");
    this.grip.setAttribute("aria-expanded", String(!folded));
  }

  private draw(): void {
    const { desk } = this;
    document.title = desk.facts.title;
    this.root.setAttribute("aria-label", desk.say("panel"));
    this.grip.setAttribute("aria-label", desk.say("fold"));
    this.grip.setAttribute("aria-expanded", String(!this.root.classList.contains("folded")));
    this.drawHead();
    this.drawCard(false);
    this.layers.draw();
    this.drawAbout();
  }

  private drawHead(): void {
    const { desk } = this;
    const { facts } = desk;
    const others = facts.languages.filter((one) => one !== desk.language);
    const tongue = others.map((one) =>
      el("button", { type: "button", class: "language", lang: one === "zh" ? "zh-CN" : "en", onclick: () => desk.speak(one) }, LANGUAGE_NAMES[one]),
    );
    fill(this.tongues, ...tongue);
    fill(
      this.head,
      el("div", { class: "top" }, el("h1", {}, facts.title), this.buttons),
      facts.internal && el("p", { class: "internal" }, "内部 INTERNAL · " + desk.say("audience_" + facts.audience)),
    );
  }

  private drawCard(moved: boolean): void {
    const { choice } = this.desk;
    const drawn = choice ? CARDS[choice.kind](this.sight, choice.row) : this.overview.draw();
    const held = this.card.contains(document.activeElement);
    fill(this.card, ...drawn);
    if (held) this.card.focus({ preventScroll: true });
    if (!moved) return;
    this.body.scrollTop = 0;
    if (choice && this.root.classList.contains("folded")) this.fold();
  }

  private drawAbout(): void {
    const { desk } = this;
    const { facts } = desk;
    fill(
      this.about,
      facts.dataDate ? el("p", {}, desk.say("data_date", { date: facts.dataDate })) : el("p", {}, desk.say("data_date_unknown")),
      el("p", {}, desk.say("made", { date: facts.made })),
      !facts.internal && el("p", {}, desk.say("public_note", { k: facts.k })),
      facts.internal && el("p", {}, desk.say("internal_note")),
      el("p", {}, "© OpenStreetMap contributors, ODbL 1.0 · openstreetmap.org/copyright"),
    );
  }
}
