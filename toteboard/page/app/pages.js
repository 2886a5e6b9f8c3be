// Lists of pools come in pages: from an offset on, as many as the server puts into a reply.

/** Ask for a list, page by page; gives its pools by id. Each page is heard as any other reply. */
export async function allPools(connection, name, gameId, options) {
  const pools = {};
  let [offset, total, count] = [0, 0, 0];
  do {
    const page = await connection.ask(name, { game_id: gameId, offset }, options);
    // When a pool has ended, those behind it have moved up, and one of them may be missing.
    if (page.total < total) return allPools(connection, name, gameId, options);
    Object.assign(pools, page.pools_list);
    total = page.total;
    count = Object.keys(page.pools_list).length;
    offset += count;
  } while (count > 0 && offset < total);
  return pools;
}
