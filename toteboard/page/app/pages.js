// Lists of pools arrive in pages. The server decides how many pools a page has.

/** Request a list page by page, and return its pools by ID. Each page is handled like any reply. */
export async function allPools(connection, name, gameId, options) {
  const pools = {};
  let [offset, total, count] = [0, 0, 0];
  do {
    const page = await connection.ask(name, { game_id: gameId, offset }, options);
    // A pool has ended. The pools behind it have moved up, and one of them may be missing: start over.
    if (page.total < total) return allPools(connection, name, gameId, options);
    Object.assign(pools, page.pools_list);
    total = page.total;
    count = Object.keys(page.pools_list).length;
    offset += count;
  } while (count > 0 && offset < total);
  return pools;
}
