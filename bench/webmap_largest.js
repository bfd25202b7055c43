// Where bench/webmap.py sets the pointer: the middle of the largest thing in view that holds its middle.
() => {
  const map = window[Object.keys(window).find((one) => one.startsWith("map_"))];
  const frame = map.getContainer().getBoundingClientRect();
  let best = null;
  let most = 0;
  const see = (bounds, holdsMiddle) => {
    const a = map.latLngToContainerPoint(bounds.getNorthWest());
    const b = map.latLngToContainerPoint(bounds.getSouthEast());
    const [x, y, size] = [(a.x + b.x) / 2, (a.y + b.y) / 2, (b.x - a.x) * (b.y - a.y)];
    const away = x < 80 || y < 80 || x > frame.width - 80 || y > frame.height - 80;
    if (!away && size > most && holdsMiddle()) [best, most] = [[frame.left + x, frame.top + y], size];
  };
  if (window.govmap) {
    const { desk } = govmap;
    const { shapes } = desk.tables.units;
    for (let row = 0; row < shapes.rows; row++) {
      const box = shapes.box(row);
      const corners = [desk.origin.degrees(box[0], box[1]), desk.origin.degrees(box[2], box[3])];
      see(L.latLngBounds(corners.map(([lon, lat]) => [lat, lon])), () => shapes.contains(row, ...shapes.middle(row)));
    }
    return best;
  }
  const holds = (ring, at) => {
    let inside = false;
    ring.forEach((p, place) => {
      const q = ring[(place || ring.length) - 1];
      const east = ((q.lng - p.lng) * (at.lat - p.lat)) / (q.lat - p.lat) + p.lng;
      if (p.lat > at.lat !== q.lat > at.lat && at.lng < east) inside = !inside;
    });
    return inside;
  };
  map.eachLayer((one) => {
    if (!(one instanceof L.Polygon) || (one.feature && one.feature.geometry.type !== "Polygon")) return;
    see(one.getBounds(), () => holds(one.getLatLngs()[0], one.getBounds().getCenter()));
  });
  return best;
}
