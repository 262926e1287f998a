/**
 * Up to `max` of the waiting messages, which are in the order of their arrival: groups take turns, the one that was served
 * longest ago first, each with its oldest message. `served` keeps each group's last turn. Source: Amazon SQS, fair queues:
 * a group with many messages does not hold up the others; in which order those are served is not said there.
 */
export function takeFairly<Message extends { readonly group: string }>(
  waiting: readonly Message[],
  max: number,
  served: Map<string, number>,
): Message[] {
  const lines = [...Map.groupBy(waiting, ({ group }) => group)].map(([group, line]) => ({
    group,
    line,
    next: 0,
  }));
  const turnOf = (group: string) => served.get(group) ?? 0;
  let turn = Math.max(0, ...served.values()) + 1;
  const taken: Message[] = [];
  while (taken.length < max) {
    let first: (typeof lines)[number] | null = null;
    for (const line of lines) {
      if (line.next === line.line.length) continue;
      if (first === null || turnOf(line.group) < turnOf(first.group)) first = line;
    }
    const message = first?.line[first.next];
    if (first === null || message === undefined) break;
    first.next++;
    served.set(first.group, turn++);
    taken.push(message);
  }
  return taken;
}
