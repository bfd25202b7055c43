// test/unpack.test.ts
import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import test from "node:test";

// src/search.ts
function plain(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[\s,，、.·-]+/g, "");
}

// node_modules/fflate/esm/index.mjs
import { createRequire } from "module";
var require2 = createRequire("/");
var _a;
var Worker;
var isMarkedAsUntransferable;
try {
  _a = require2("worker_threads"), Worker = _a.Worker, isMarkedAsUntransferable = _a.isMarkedAsUntransferable;
} catch (e) {
}
var u8 = Uint8Array;
var u16 = Uint16Array;
var i32 = Int32Array;
var fleb = new u8([
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
  1,
  1,
  1,
  2,
  2,
  2,
  2,
  3,
  3,
  3,
  3,
  4,
  4,
  4,
  4,
  5,
  5,
  5,
  5,
  0,
  /* unused */
  0,
  0,
  /* impossible */
  0
]);
var fdeb = new u8([
  0,
  0,
  0,
  0,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  5,
  6,
  6,
  7,
  7,
  8,
  8,
  9,
  9,
  10,
  10,
  11,
  11,
  12,
  12,
  13,
  13,
  /* unused */
  0,
  0
]);
var clim = new u8([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);
var freb = function(eb, start) {
  var b = new u16(31);
  for (var i2 = 0; i2 < 31; ++i2) {
    b[i2] = start += 1 << eb[i2 - 1];
  }
  var r = new i32(b[30]);
  for (var i2 = 1; i2 < 30; ++i2) {
    for (var j = b[i2]; j < b[i2 + 1]; ++j) {
      r[j] = j - b[i2] << 5 | i2;
    }
  }
  return { b, r };
};
var _a = freb(fleb, 2);
var fl = _a.b;
var revfl = _a.r;
fl[28] = 258, revfl[258] = 28;
var _b = freb(fdeb, 0);
var fd = _b.b;
var revfd = _b.r;
var rev = new u16(32768);
for (i = 0; i < 32768; ++i) {
  x = (i & 43690) >> 1 | (i & 21845) << 1;
  x = (x & 52428) >> 2 | (x & 13107) << 2;
  x = (x & 61680) >> 4 | (x & 3855) << 4;
  rev[i] = ((x & 65280) >> 8 | (x & 255) << 8) >> 1;
}
var x;
var i;
var hMap = (function(cd, mb, r) {
  var s = cd.length;
  var i2 = 0;
  var l = new u16(mb);
  for (; i2 < s; ++i2) {
    if (cd[i2])
      ++l[cd[i2] - 1];
  }
  var le = new u16(mb);
  for (i2 = 1; i2 < mb; ++i2) {
    le[i2] = le[i2 - 1] + l[i2 - 1] << 1;
  }
  var co;
  if (r) {
    co = new u16(1 << mb);
    var rvb = 15 - mb;
    for (i2 = 0; i2 < s; ++i2) {
      if (cd[i2]) {
        var sv = i2 << 4 | cd[i2];
        var r_1 = mb - cd[i2];
        var v = le[cd[i2] - 1]++ << r_1;
        for (var m = v | (1 << r_1) - 1; v <= m; ++v) {
          co[rev[v] >> rvb] = sv;
        }
      }
    }
  } else {
    co = new u16(s);
    for (i2 = 0; i2 < s; ++i2) {
      if (cd[i2]) {
        co[i2] = rev[le[cd[i2] - 1]++] >> 15 - cd[i2];
      }
    }
  }
  return co;
});
var flt = new u8(288);
for (i = 0; i < 144; ++i)
  flt[i] = 8;
var i;
for (i = 144; i < 256; ++i)
  flt[i] = 9;
var i;
for (i = 256; i < 280; ++i)
  flt[i] = 7;
var i;
for (i = 280; i < 288; ++i)
  flt[i] = 8;
var i;
var fdt = new u8(32);
for (i = 0; i < 32; ++i)
  fdt[i] = 5;
var i;
var flrm = /* @__PURE__ */ hMap(flt, 9, 1);
var fdrm = /* @__PURE__ */ hMap(fdt, 5, 1);
var max = function(a) {
  var m = a[0];
  for (var i2 = 1; i2 < a.length; ++i2) {
    if (a[i2] > m)
      m = a[i2];
  }
  return m;
};
var bits = function(d, p, m) {
  var o = p / 8 | 0;
  return (d[o] | d[o + 1] << 8) >> (p & 7) & m;
};
var bits16 = function(d, p) {
  var o = p / 8 | 0;
  return (d[o] | d[o + 1] << 8 | d[o + 2] << 16) >> (p & 7);
};
var shft = function(p) {
  return (p + 7) / 8 | 0;
};
var slc = function(v, s, e) {
  if (s == null || s < 0)
    s = 0;
  if (e == null || e > v.length)
    e = v.length;
  return new u8(v.subarray(s, e));
};
var ec = [
  "unexpected EOF",
  "invalid block type",
  "invalid length/literal",
  "invalid distance",
  "stream finished",
  "no stream handler",
  ,
  // determined by compression function
  "no callback",
  "invalid UTF-8 data",
  "extra field too long",
  "date not in range 1980-2099",
  "filename too long",
  "stream finishing",
  "invalid zip data"
  // determined by unknown compression method
];
var err = function(ind, msg, nt) {
  var e = new Error(msg || ec[ind]);
  e.code = ind;
  if (Error.captureStackTrace)
    Error.captureStackTrace(e, err);
  if (!nt)
    throw e;
  return e;
};
var inflt = function(dat, st, buf, dict) {
  var sl = dat.length, dl = dict ? dict.length : 0;
  if (!sl || st.f && !st.l)
    return buf || new u8(0);
  var noBuf = !buf;
  var resize = noBuf || st.i != 2;
  var noSt = st.i;
  if (noBuf)
    buf = new u8(sl * 3);
  var cbuf = function(l2) {
    var bl = buf.length;
    if (l2 > bl) {
      var nbuf = new u8(Math.max(bl * 2, l2));
      nbuf.set(buf);
      buf = nbuf;
    }
  };
  var final = st.f || 0, pos = st.p || 0, bt = st.b || 0, lm = st.l, dm = st.d, lbt = st.m, dbt = st.n;
  var tbts = sl * 8;
  do {
    if (!lm) {
      final = bits(dat, pos, 1);
      var type = bits(dat, pos + 1, 3);
      pos += 3;
      if (!type) {
        var s = shft(pos) + 4, l = dat[s - 4] | dat[s - 3] << 8, t = s + l;
        if (t > sl) {
          if (noSt)
            err(0);
          break;
        }
        if (resize)
          cbuf(bt + l);
        buf.set(dat.subarray(s, t), bt);
        st.b = bt += l, st.p = pos = t * 8, st.f = final;
        continue;
      } else if (type == 1)
        lm = flrm, dm = fdrm, lbt = 9, dbt = 5;
      else if (type == 2) {
        var hLit = bits(dat, pos, 31) + 257, hcLen = bits(dat, pos + 10, 15) + 4;
        var tl = hLit + bits(dat, pos + 5, 31) + 1;
        pos += 14;
        var ldt = new u8(tl);
        var clt = new u8(19);
        for (var i2 = 0; i2 < hcLen; ++i2) {
          clt[clim[i2]] = bits(dat, pos + i2 * 3, 7);
        }
        pos += hcLen * 3;
        var clb = max(clt), clbmsk = (1 << clb) - 1;
        var clm = hMap(clt, clb, 1);
        for (var i2 = 0; i2 < tl; ) {
          var r = clm[bits(dat, pos, clbmsk)];
          pos += r & 15;
          var s = r >> 4;
          if (s < 16) {
            ldt[i2++] = s;
          } else {
            var c = 0, n = 0;
            if (s == 16)
              n = 3 + bits(dat, pos, 3), pos += 2, c = ldt[i2 - 1];
            else if (s == 17)
              n = 3 + bits(dat, pos, 7), pos += 3;
            else if (s == 18)
              n = 11 + bits(dat, pos, 127), pos += 7;
            while (n--)
              ldt[i2++] = c;
          }
        }
        var lt = ldt.subarray(0, hLit), dt = ldt.subarray(hLit);
        lbt = max(lt);
        dbt = max(dt);
        lm = hMap(lt, lbt, 1);
        dm = hMap(dt, dbt, 1);
      } else
        err(1);
      if (pos > tbts) {
        if (noSt)
          err(0);
        break;
      }
    }
    if (resize)
      cbuf(bt + 131072);
    var lms = (1 << lbt) - 1, dms = (1 << dbt) - 1;
    var lpos = pos;
    for (; ; lpos = pos) {
      var c = lm[bits16(dat, pos) & lms], sym = c >> 4;
      pos += c & 15;
      if (pos > tbts) {
        if (noSt)
          err(0);
        break;
      }
      if (!c)
        err(2);
      if (sym < 256)
        buf[bt++] = sym;
      else if (sym == 256) {
        lpos = pos, lm = null;
        break;
      } else {
        var add = sym - 254;
        if (sym > 264) {
          var i2 = sym - 257, b = fleb[i2];
          add = bits(dat, pos, (1 << b) - 1) + fl[i2];
          pos += b;
        }
        var d = dm[bits16(dat, pos) & dms], dsym = d >> 4;
        if (!d)
          err(3);
        pos += d & 15;
        var dt = fd[dsym];
        if (dsym > 3) {
          var b = fdeb[dsym];
          dt += bits16(dat, pos) & (1 << b) - 1, pos += b;
        }
        if (pos > tbts) {
          if (noSt)
            err(0);
          break;
        }
        if (resize)
          cbuf(bt + 131072);
        var end = bt + add;
        if (bt < dt) {
          var shift = dl - dt, dend = Math.min(dt, end);
          if (shift + bt < 0)
            err(3);
          for (; bt < dend; ++bt)
            buf[bt] = dict[shift + bt];
        }
        for (; bt < end; ++bt)
          buf[bt] = buf[bt - dt];
      }
    }
    st.l = lm, st.p = lpos, st.b = bt, st.f = final;
    if (lm)
      final = 1, st.m = lbt, st.d = dm, st.n = dbt;
  } while (!final);
  return bt != buf.length && noBuf ? slc(buf, 0, bt) : buf.subarray(0, bt);
};
var et = /* @__PURE__ */ new u8(0);
function inflateSync(data, opts) {
  return inflt(data, { i: 2 }, opts && opts.out, opts && opts.dictionary);
}
var td = typeof TextDecoder != "undefined" && /* @__PURE__ */ new TextDecoder();
var tds = 0;
try {
  td.decode(et, { stream: true });
  tds = 1;
} catch (e) {
}

// src/unpack.ts
var Table = class {
  constructor(rows) {
    this.rows = rows;
    this.numbers = {};
    this.texts = {};
    this.shapes = null;
  }
  number(name, row) {
    const column = this.numbers[name];
    return column === void 0 || isNaN(column[row]) ? null : column[row];
  }
  text(name, row) {
    const column = this.texts[name];
    const at = column === void 0 ? 0 : column.index[row];
    return at === 0 ? null : column.words[at - 1];
  }
};
var PIECE = 2e5;
var begun = 0;
function pause() {
  if (performance.now() - begun < 24) return null;
  return new Promise(
    (done) => setTimeout(() => {
      begun = performance.now();
      done();
    }, 0)
  );
}
async function unpack(text, origin2) {
  const bytes = await inflate(fromBase64(text));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = view.getUint32(0, true);
  const header = JSON.parse(ascii(bytes, 4, 4 + head));
  const table = new Table(header.rows);
  const found = {};
  let at = 4 + head;
  for (const column of header.columns) {
    const values = await varints(bytes, at, at + column.bytes);
    at += column.bytes;
    if (column.kind === "number") table.numbers[column.name] = scaled(values, column.scale || 1);
    else if (column.kind === "text") table.texts[column.name] = { index: Uint32Array.from(values), words: column.words };
    else found[column.name] = values;
  }
  if (found.x) table.shapes = await Shapes.from(found.paths, found.points, found.x, found.y, origin2);
  return table;
}
function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i2 = 0; i2 < binary.length; i2++) bytes[i2] = binary.charCodeAt(i2);
  return bytes;
}
async function inflate(bytes) {
  const Stream = globalThis.DecompressionStream;
  if (Stream) {
    try {
      const stream = new Blob([bytes]).stream().pipeThrough(new Stream("deflate-raw"));
      return new Uint8Array(await new Response(stream).arrayBuffer());
    } catch (_) {
    }
  }
  return inflateSync(bytes);
}
function ascii(bytes, from, to) {
  return new TextDecoder().decode(bytes.subarray(from, to));
}
async function varints(bytes, from, to) {
  let count = 0;
  for (let i2 = from; i2 < to; i2++) if (bytes[i2] < 128) count++;
  const values = new Float64Array(count);
  let at = from;
  for (let start = 0; start < count; start += PIECE) {
    const end = Math.min(count, start + PIECE);
    for (let i2 = start; i2 < end; i2++) {
      let value = 0;
      let step = 1;
      let byte = bytes[at++];
      while (byte > 127) {
        value += (byte & 127) * step;
        step *= 128;
        byte = bytes[at++];
      }
      values[i2] = value + byte * step;
    }
    const wait = pause();
    if (wait) await wait;
  }
  return values;
}
function scaled(values, scale) {
  for (let i2 = 0; i2 < values.length; i2++) values[i2] = values[i2] === 0 ? NaN : (values[i2] - 1) / scale;
  return values;
}

// src/shapes.ts
var UNIT_ZOOM = 20;
var WORLD = 256 * Math.pow(2, UNIT_ZOOM);
var RUN = 64;
var SAME_PIXEL = 0.8;
var Origin2 = class {
  constructor(west, north) {
    this.x = Math.floor(worldX(west));
    this.y = Math.floor(worldY(north));
  }
  at(lon, lat) {
    return [worldX(lon) - this.x, worldY(lat) - this.y];
  }
  degrees(x2, y) {
    const lat = (2 * Math.atan(Math.exp((0.5 - (y + this.y) / WORLD) * 2 * Math.PI)) - Math.PI / 2) * (180 / Math.PI);
    return [(x2 + this.x) / WORLD * 360 - 180, lat];
  }
};
function worldX(lon) {
  return (lon + 180) / 360 * WORLD;
}
function worldY(lat) {
  const sine = Math.sin(lat * Math.PI / 180);
  return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * WORLD;
}
var Shapes = class _Shapes {
  constructor(rowStart, pathStart, x2, y, boxes, runs) {
    this.rowStart = rowStart;
    this.pathStart = pathStart;
    this.x = x2;
    this.y = y;
    this.boxes = boxes;
    this.runs = runs;
    this.rows = rowStart.length - 1;
  }
  static async from(paths, points, dx, dy, origin2) {
    const rowStart = starts(paths);
    const pathStart = starts(points);
    await place(pathStart, dx, dy, origin2);
    const boxes = boxesOf(rowStart, pathStart, dx, dy);
    return new _Shapes(rowStart, pathStart, dx, dy, boxes, runsOf(boxes));
  }
  /** Calls for each row whose box meets the box. */
  within(box, call) {
    const [west, north, east, south] = box;
    const { runs, boxes, rows } = this;
    for (let run = 0; run * RUN < rows; run++) {
      const r = run * 4;
      if (runs[r] > east || runs[r + 2] < west || runs[r + 1] > south || runs[r + 3] < north) continue;
      const end = Math.min(rows, run * RUN + RUN);
      for (let row = run * RUN; row < end; row++) {
        const b = row * 4;
        if (boxes[b] > east || boxes[b + 2] < west || boxes[b + 1] > south || boxes[b + 3] < north) continue;
        call(row);
      }
    }
  }
  /** Tells whether a point lies in a row's rings, holes left out. */
  contains(row, px, py) {
    let inside = false;
    const { x: x2, y } = this;
    for (let path = this.rowStart[row]; path < this.rowStart[row + 1]; path++) {
      const first = this.pathStart[path];
      const end = this.pathStart[path + 1];
      for (let i2 = first, j = end - 1; i2 < end; j = i2++) {
        if (y[i2] > py !== y[j] > py && px < (x2[j] - x2[i2]) * (py - y[i2]) / (y[j] - y[i2]) + x2[i2]) inside = !inside;
      }
    }
    return inside;
  }
  /** Finds the last row that holds a point, or -1. */
  hit(px, py) {
    let found = -1;
    this.within([px, py, px, py], (row) => {
      if (this.contains(row, px, py)) found = row;
    });
    return found;
  }
  box(row) {
    const b = row * 4;
    return this.boxes[b] > this.boxes[b + 2] ? null : [this.boxes[b], this.boxes[b + 1], this.boxes[b + 2], this.boxes[b + 3]];
  }
  middle(row) {
    const box = this.box(row);
    return box && [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  }
  /** Adds a row's paths to a drawing, without the points that would fall on the same pixel. */
  trace(pen, row, view, close) {
    const { x: x2, y } = this;
    const { scale } = view;
    for (let path = this.rowStart[row]; path < this.rowStart[row + 1]; path++) {
      const first = this.pathStart[path];
      const last = this.pathStart[path + 1] - 1;
      let px = (x2[first] - view.x) * scale;
      let py = (y[first] - view.y) * scale;
      pen.moveTo(px, py);
      for (let i2 = first + 1; i2 <= last; i2++) {
        const nx = (x2[i2] - view.x) * scale;
        const ny = (y[i2] - view.y) * scale;
        if (i2 < last && Math.abs(nx - px) + Math.abs(ny - py) < SAME_PIXEL) continue;
        pen.lineTo(nx, ny);
        px = nx;
        py = ny;
      }
      if (close) pen.closePath();
    }
  }
};
function starts(counts) {
  const found = new Uint32Array(counts.length + 1);
  for (let i2 = 0; i2 < counts.length; i2++) found[i2 + 1] = found[i2] + counts[i2];
  return found;
}
var signed = (value) => value % 2 ? -(value + 1) / 2 : value / 2;
async function place(pathStart, dx, dy, origin2) {
  let firstX = 0;
  let firstY = 0;
  for (let path = 0; path + 1 < pathStart.length; path++) {
    let lon = firstX;
    let lat = firstY;
    for (let i2 = pathStart[path]; i2 < pathStart[path + 1]; i2++) {
      lon += signed(dx[i2]);
      lat += signed(dy[i2]);
      if (i2 === pathStart[path]) {
        firstX = lon;
        firstY = lat;
      }
      dx[i2] = worldX(lon / 1e6) - origin2.x;
      dy[i2] = worldY(lat / 1e6) - origin2.y;
    }
    if (path % 4096 === 0) {
      const wait = pause();
      if (wait) await wait;
    }
  }
}
function boxesOf(rowStart, pathStart, x2, y) {
  const rows = rowStart.length - 1;
  const boxes = new Float64Array(rows * 4);
  for (let row = 0; row < rows; row++) {
    let west = Infinity;
    let north = Infinity;
    let east = -Infinity;
    let south = -Infinity;
    for (let i2 = pathStart[rowStart[row]]; i2 < pathStart[rowStart[row + 1]]; i2++) {
      if (x2[i2] < west) west = x2[i2];
      if (x2[i2] > east) east = x2[i2];
      if (y[i2] < north) north = y[i2];
      if (y[i2] > south) south = y[i2];
    }
    boxes.set([west, north, east, south], row * 4);
  }
  return boxes;
}
function runsOf(boxes) {
  const rows = boxes.length / 4;
  const runs = new Float64Array(Math.ceil(rows / RUN) * 4);
  for (let run = 0; run * RUN < rows; run++) {
    const found = [Infinity, Infinity, -Infinity, -Infinity];
    for (let row = run * RUN; row < Math.min(rows, run * RUN + RUN); row++) {
      const b = row * 4;
      found[0] = Math.min(found[0], boxes[b]);
      found[1] = Math.min(found[1], boxes[b + 1]);
      found[2] = Math.max(found[2], boxes[b + 2]);
      found[3] = Math.max(found[3], boxes[b + 3]);
    }
    runs.set(found, run * 4);
  }
  return runs;
}

// test/unpack.test.ts
var origin = new Origin2(0, 1);
function varints2(values) {
  return values.flatMap((value) => {
    const bytes = [];
    while (value > 127) {
      bytes.push(value % 128 | 128);
      value = Math.floor(value / 128);
    }
    return [...bytes, value];
  });
}
var fold = (value) => value < 0 ? -2 * value - 1 : 2 * value;
function pack(rows, columns) {
  const coded = columns.map((one) => varints2(one.values));
  const header = Buffer.from(
    JSON.stringify({ rows, columns: columns.map(({ values: _, ...one }, at) => ({ ...one, bytes: coded[at].length })) })
  );
  const head = Buffer.alloc(4);
  head.writeUInt32LE(header.length);
  return deflateRawSync(Buffer.concat([head, header, ...coded.map((one) => Buffer.from(one))])).toString("base64");
}
var square = [
  [0, 0],
  [400, 0],
  [400, 400],
  [0, 400],
  [100, 100],
  [100, 300],
  [300, 300],
  [300, 100],
  [900, 900]
];
var starts2 = [0, 4, 8];
function deltas(axis) {
  return square.map((point, at) => {
    const before = starts2.includes(at) ? at === 0 ? [0, 0] : square[starts2[starts2.indexOf(at) - 1]] : square[at - 1];
    return fold(point[axis] - before[axis]);
  });
}
var town = pack(2, [
  { name: "levels", kind: "number", values: [0, 12], scale: 2 },
  { name: "name", kind: "text", values: [1, 0], words: ["\u4E95 {{7*7}}"] },
  { name: "paths", kind: "count", values: [2, 1] },
  { name: "points", kind: "count", values: [4, 4, 1] },
  { name: "x", kind: "delta", values: deltas(0) },
  { name: "y", kind: "delta", values: deltas(1) }
]);
for (const streams of [true, false]) {
  test("a pack reads back " + (streams ? "by the browser's own inflating" : "by ours, where the browser has none"), async () => {
    const kept = globalThis.DecompressionStream;
    if (!streams) Reflect.deleteProperty(globalThis, "DecompressionStream");
    try {
      const table = await unpack(town, origin);
      assert.equal(table.rows, 2);
      assert.equal(table.number("levels", 0), null);
      assert.equal(table.number("levels", 1), 5.5);
      assert.equal(table.text("name", 0), "\u4E95 {{7*7}}");
      assert.equal(table.text("name", 1), null);
      assert.equal(table.text("no such column", 0), null);
    } finally {
      globalThis.DecompressionStream = kept;
    }
  });
}
test("a point in the ring is found, a point in the hole is not", async () => {
  const shapes = (await unpack(town, origin)).shapes;
  const at = (micro) => shapes.hit(...origin.at(micro / 1e6, micro / 1e6));
  assert.equal(at(50), 0);
  assert.equal(at(200), -1);
  assert.equal(at(350), 0);
  assert.equal(at(500), -1);
});
test("degrees come back from page units", () => {
  const [lon, lat] = origin.degrees(...origin.at(113.25, 23.125));
  assert.ok(Math.abs(lon - 113.25) < 1e-9 && Math.abs(lat - 23.125) < 1e-9);
});
test("base64 of any bytes reads back", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
  assert.deepEqual(fromBase64(Buffer.from(bytes).toString("base64")), bytes);
});
test("full width, capitals, accents and spaces do not matter in a search", () => {
  assert.equal(plain("\uFF35\uFF10\uFF10\uFF11"), plain("u001"));
  assert.equal(plain("Linn\xE9sgade  6"), plain("linnesgade6"));
  assert.equal(plain("\u5E78\u798F\u5C0F\u533A 3\u53F7\u697C"), plain("\u5E78\u798F\u5C0F\u533A3\u53F7\u697C"));
});
