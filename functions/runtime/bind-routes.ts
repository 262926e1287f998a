import type { Route } from './define-route.ts';
import type { RouteHandler } from './implement-route.ts';

/** Checks that every declared route has exactly one implementation and none is left over; throws naming the faults. */
export function bindRoutes(
  routes: readonly Route[],
  handlers: readonly RouteHandler[],
): readonly RouteHandler[] {
  const faults = [
    ...routes.flatMap((route) => {
      const count = handlers.filter((handler) => handler.route === route).length;
      return count === 1 ? [] : [`${route.method} ${route.path} has ${count} implementations`];
    }),
    ...handlers
      .filter(({ route }) => !routes.includes(route))
      .map(({ route }) => `${route.method} ${route.path} is implemented but not in the registry`),
  ];
  if (faults.length > 0) throw new Error(`the routes do not fit their implementations: ${faults.join('; ')}`);
  return handlers;
}
