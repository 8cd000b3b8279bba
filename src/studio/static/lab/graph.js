// Places the nodes of a directed graph without cycles in columns, from left to right.

const SWEEPS = 8;
// Rows that an edge needs where it passes a column.
const EDGE = 0.3;

/**
 * Lays out `count` nodes, 0 to count - 1, with `edges` as pairs of them. Every edge leads to a column farther right. An edge
 * that passes a column has a place in it, so that it does not run behind nodes. Returns the column and the row of each
 * node, the points of each edge as [column, row], and the number of columns and rows.
 */
export function layOut(count, edges) {
  const columns = columnsOf(count, edges);
  // Real nodes, and one for each column that an edge passes.
  const column = [...columns];
  const links = [];
  const ways = edges.map(([from, to]) => {
    const way = [from];
    for (let at = columns[from] + 1; at < columns[to]; at += 1) {
      column.push(at);
      way.push(column.length - 1);
    }
    way.push(to);
    for (let step = 1; step < way.length; step += 1) links.push([way[step - 1], way[step]]);
    return way;
  });
  const sizes = column.map((_, node) => (node < count ? 1 : EDGE));
  const rows = rowsOf(column, links, sizes);
  return {
    nodes: columns.map((at, node) => ({ column: at, row: rows[node] })),
    ways: ways.map((way) => way.map((node) => [column[node], rows[node]])),
    columns: Math.max(...column) + 1,
    rows: Math.max(...rows) + 1,
  };
}

// The longest way from a node without a predecessor.
function columnsOf(count, edges) {
  const columns = new Array(count).fill(0);
  // As many rounds as the longest way has edges; one more in case the edges are no DAG, which then ends, too.
  for (let round = 0; round <= count; round += 1) {
    let moved = false;
    for (const [from, to] of edges) {
      if (columns[to] > columns[from]) continue;
      columns[to] = columns[from] + 1;
      moved = true;
    }
    if (!moved) break;
  }
  return columns;
}

// Each node goes near the mean row of its neighbours, from the left and from the right in turns (barycentres, Sugiyama).
function rowsOf(column, links, sizes) {
  const byColumn = [];
  column.forEach((at, node) => (byColumn[at] ??= []).push(node));
  const rows = new Array(column.length).fill(0);
  for (const nodes of byColumn) nodes?.forEach((node, row) => (rows[node] = row));
  const before = column.map(() => []);
  const after = column.map(() => []);
  for (const [from, to] of links) {
    after[from].push(to);
    before[to].push(from);
  }
  const mean = (nodes) => nodes.reduce((sum, node) => sum + rows[node], 0) / nodes.length;
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const forward = sweep % 2 === 0;
    const order = forward ? byColumn : [...byColumn].reverse();
    for (const nodes of order) {
      if (nodes === undefined) continue;
      const wish = new Map(nodes.map((node) => {
        const near = forward ? before[node] : after[node];
        return [node, near.length === 0 ? rows[node] : mean(near)];
      }));
      nodes.sort((a, b) => wish.get(a) - wish.get(b));
      place(nodes, wish, rows, sizes);
    }
  }
  // Up to here, a row is where the middle of a node is.
  const least = Math.min(...rows.map((row, node) => row - sizes[node] / 2));
  return rows.map((row) => row - least - 0.5);
}

// Rows as near to the wishes as the order and the sizes allow: groups that would overlap share their mean place.
function place(nodes, wish, rows, sizes) {
  const groups = [];
  for (const node of nodes) {
    groups.push(grouped([node], wish, sizes));
    while (groups.length > 1) {
      const last = groups.at(-1);
      const left = groups.at(-2);
      if (last.start >= left.start + left.size) break;
      groups.splice(-2, 2, grouped([...left.nodes, ...last.nodes], wish, sizes));
    }
  }
  for (const group of groups) {
    let start = group.start;
    for (const node of group.nodes) {
      rows[node] = start + sizes[node] / 2;
      start += sizes[node];
    }
  }
}

// Nodes one below the other. They start where the sum of the squares of the ways to their wishes is least.
function grouped(nodes, wish, sizes) {
  let size = 0;
  let sum = 0;
  for (const node of nodes) {
    sum += wish.get(node) - size - sizes[node] / 2;
    size += sizes[node];
  }
  return { nodes, size, start: sum / nodes.length };
}
