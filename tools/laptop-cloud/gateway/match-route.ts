/** A route of an HTTP API. */
export interface Route {
  /** `GET /tasks/{id}`, `ANY /{proxy+}` or `$default`. */
  routeKey: string;
  functionName: string;
}

/** The route that takes a request, with its path variables. */
export interface RouteMatch {
  route: Route;
  pathParameters: Record<string, string>;
}

type Candidate = RouteMatch & { specificity: string };

/**
 * Picks the route for a request as an HTTP API does: the most specific path first (a literal segment before
 * a variable, a variable before a greedy one), the method itself before ANY, `$default` last. A trailing slash
 * makes another path.
 * Source: "Create routes for HTTP APIs in API Gateway", routing API requests.
 * @param path decoded, with its leading slash
 * @returns null when no route takes it
 */
export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch | null {
  const candidates = routes.flatMap((route) => {
    const [routeMethod, routePath] = route.routeKey.split(' ');
    if (routePath === undefined || (routeMethod !== method && routeMethod !== 'ANY')) return [];
    const match = matchPath(route, routePath, path);
    return match === null
      ? []
      : [{ ...match, specificity: `${match.specificity} ${routeMethod === 'ANY' ? 1 : 0}` }];
  });
  const [best] = candidates.sort((one, other) => (one.specificity < other.specificity ? -1 : 1));
  if (best !== undefined) return { route: best.route, pathParameters: best.pathParameters };

  const fallback = routes.find((route) => route.routeKey === '$default');
  return fallback === undefined ? null : { route: fallback, pathParameters: {} };
}

/** Ranks are digits a segment, so that strings compare: 0 literal, 1 variable, 2 greedy. */
function matchPath(route: Route, routePath: string, path: string): Candidate | null {
  const wanted = routePath.split('/').slice(1);
  const given = path.split('/').slice(1);
  const pathParameters: Record<string, string> = {};
  let specificity = '';

  for (const [index, segment] of wanted.entries()) {
    const value = given[index];
    const variable = /^\{(.+?)(\+?)\}$/.exec(segment);
    if (value === undefined) return null;
    if (variable === null) {
      if (segment !== value) return null;
      specificity += '0';
      continue;
    }
    const [, name = '', greedy] = variable;
    if (value === '') return null;
    if (greedy === '+') {
      pathParameters[name] = given.slice(index).join('/');
      return { route, pathParameters, specificity: `${specificity}2` };
    }
    pathParameters[name] = value;
    specificity += '1';
  }
  return wanted.length === given.length ? { route, pathParameters, specificity } : null;
}
