// The modes of the desk, one line each.
import { Agree } from "./agree/agree";
import { Base } from "./base/base";
import { Cases } from "./cases/cases";
import { Compare } from "./compare/compare";
import { foot } from "./foot";
import type { Live } from "./live";
import { People } from "./people/people";
import { Redraw } from "./redraw/redraw";
import { Start } from "./start";
import { Cards } from "./steps";

export function register(live: Live): void {
  live.mode(new Start(live));
  live.mode(new Cards(live, "steps", "way"));
  live.mode(new Cards(live, "hand", "hand"));
  live.mode(new Base(live));
  live.mode(new People(live));
  live.mode(new Cases(live));
  live.mode(new Agree(live));
  live.mode(new Compare(live));
  live.mode(new Redraw(live));
  foot(live);
}
