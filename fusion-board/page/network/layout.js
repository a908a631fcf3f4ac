// Where the nodes of a graph are drawn: in ranks, so that every edge leads on to a later one, with few crossings.
//
// After Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures", 1981.

const SWEEPS = 6;
const BENDS = 20_000; // of all edges together; beyond, edges are straight

// Ranks by the longest way from a node without inputs. Edges of a circle that lead back count for nothing.
function ranks(count, edges) {
  const next = Array.from({ length: count }, () => []);
  const waits = new Array(count).fill(0);
  for (const [from, to] of edges) {
    next[from].push(to);
    waits[to] += 1;
  }
  const rank = new Array(count).fill(0);
  const done = new Array(count).fill(false);
  const ready = waits.flatMap((inputs, node) => (inputs ? [] : [node]));
  let spare = 0;
  for (let left = count; left > 0; left -= 1) {
    if (!ready.length) {
      while (done[spare]) spare += 1;
      ready.push(spare);
    }
    const node = ready.pop();
    done[node] = true;
    for (const to of next[node]) {
      if (done[to]) continue;
      rank[to] = Math.max(rank[to], rank[node] + 1);
      waits[to] -= 1;
      if (!waits[to]) ready.push(to);
    }
  }
  return { rank, next };
}

// What has no inputs stands right before what takes it.
function pull(rank, next, edges) {
  const has = new Array(rank.length).fill(false);
  for (const [, to] of edges) has[to] = true;
  rank.forEach((_, node) => {
    if (!has[node] && next[node].length) rank[node] = Math.max(0, Math.min(...next[node].map((to) => rank[to])) - 1);
  });
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// What has inputs keeps its place, and what has none makes room for it.
const weight = (node) => (node.before.length ? 1 : 0.01);

// Places across for the nodes of one rank: near to where they want to be, in their order, without touching.
function settle(row, wants, gap) {
  const groups = [];
  row.forEach((node, at) => {
    const before = at ? (row[at - 1].across + node.across) / 2 + gap : 0;
    const shift = at ? groups.shift_of + before : 0;
    groups.shift_of = shift;
    // Without the room that those before need, all want to be at one place, and neighbours that disagree meet in the middle.
    groups.push({ sum: (wants[at] - shift) * weight(node), weight: weight(node), count: 1 });
    while (groups.length > 1 && groups.at(-2).sum / groups.at(-2).weight > groups.at(-1).sum / groups.at(-1).weight) {
      const { sum, weight: heavy, count } = groups.pop();
      groups.at(-1).sum += sum;
      groups.at(-1).weight += heavy;
      groups.at(-1).count += count;
    }
    node.shift = shift;
  });
  let at = 0;
  for (const { sum, weight: heavy, count } of groups) {
    for (const end = at + count; at < end; at += 1) row[at].place = sum / heavy + row[at].shift;
  }
}

// Places for nodes, { along, across } in size, and edges, pairs of numbers of nodes. `gap` is between ranks and within one.
// Gives { nodes: [{ along, across }], edges: [[{ along, across }, ..]], along, across }: middles of nodes, corners of edges from
// node to node, and the size of all.
export function layout(sizes, edges, gap) {
  const own = edges.filter(([from, to]) => from !== to);
  const { rank, next } = ranks(sizes.length, own);
  pull(rank, next, own);
  const nodes = sizes.map(({ along, across }, at) => ({ rank: rank[at], along, across, before: [], after: [] }));
  let bends = 0;
  const lines = edges.map(([from, to]) => {
    const [start, end] = [nodes[from], nodes[to]];
    const chain = [start];
    const far = end.rank - start.rank;
    if (far > 1 && (bends += far - 1) < BENDS) {
      for (let at = start.rank + 1; at < end.rank; at += 1) {
        const bend = { rank: at, along: 0, across: 6, before: [], after: [], is_bend: true };
        nodes.push(bend);
        chain.push(bend);
      }
    }
    chain.push(end);
    if (far > 0) {
      for (let at = 1; at < chain.length; at += 1) {
        chain[at].before.push(chain[at - 1]);
        chain[at - 1].after.push(chain[at]);
      }
    }
    return chain;
  });
  const rows = [];
  for (const node of nodes) (rows[node.rank] ??= []).push(node);
  for (let at = 0; at < rows.length; at += 1) rows[at] ??= [];
  const number = () => rows.forEach((row) => row.forEach((node, at) => { node.at = at; }));
  number();
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const side = sweep % 2 ? "after" : "before";
    for (const row of sweep % 2 ? [...rows].reverse() : rows) {
      for (const node of row) node.want = node[side].length ? mean(node[side].map((other) => other.at)) : node.at;
      row.sort((a, b) => a.want - b.want);
      row.forEach((node, at) => { node.at = at; });
    }
  }
  for (const node of nodes) node.place = 0;
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const side = sweep % 2 ? "after" : "before";
    const want = (node) => {
      const heavy = node[side].filter((other) => other.before.length);
      const all = heavy.length ? heavy : node[side];
      return all.length ? mean(all.map((other) => other.place)) : node.place;
    };
    for (const row of sweep % 2 ? [...rows].reverse() : rows) settle(row, row.map(want), gap.within);
  }
  let along = 0;
  for (const row of rows) {
    const most = Math.max(0, ...row.map((node) => node.along));
    for (const node of row) node.middle = along + most / 2;
    along += most + (row.length ? gap.between : 0);
  }
  const least = Math.min(0, ...nodes.map((node) => node.place - node.across / 2));
  const most = Math.max(0, ...nodes.map((node) => node.place + node.across / 2));
  const place = (node) => ({ along: node.middle, across: node.place - least });
  const ends = (chain) => chain.map((node, at) => {
    const { along: middle, across } = place(node);
    const half = at === 0 ? node.along / 2 : at === chain.length - 1 ? -node.along / 2 : 0;
    return { along: middle + half, across };
  });
  return {
    nodes: nodes.slice(0, sizes.length).map(place),
    edges: lines.map(ends),
    along: Math.max(0, along - gap.between),
    across: most - least,
  };
}

// A line through corners as the path of an SVG; `turned` if ranks go to the right.
export function path(corners, turned) {
  const at = ({ along, across }) => (turned ? `${along.toFixed(1)} ${across.toFixed(1)}` : `${across.toFixed(1)} ${along.toFixed(1)}`);
  return corners.reduce((text, corner, place) => {
    if (!place) return `M${at(corner)}`;
    const before = corners[place - 1];
    if (Math.abs(before.across - corner.across) < 0.5) return `${text}L${at(corner)}`;
    const middle = (before.along + corner.along) / 2;
    return `${text}C${at({ along: middle, across: before.across })} ${at({ along: middle, across: corner.across })} ${at(corner)}`;
  }, "");
}
