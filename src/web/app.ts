/** The Express app: registers the route table (routes.ts). */
import express, { type Express, type Request, type RequestHandler } from 'express'
import { GatehouseError } from '../errors.ts'
import { queryPart } from '../http/destination.ts'
import { refuseControlCharactersInUrl } from '../http/request/control-characters.ts'
import { requestLog } from '../http/request/request-log.ts'
import { redirect } from '../http/respond.ts'
import type { Provider } from '../provider/provider.ts'
import { failure, notFound } from './errors/failure.ts'
import { middlewareByCaller, securityHeaders } from './middleware.ts'
import type { WebRoute } from './route.ts'
import { routes } from './routes.ts'
import type { Shell } from './shell.ts'
import { permittedHandler } from './sign-in/permitted-handler.ts'

export function createWebApp(shell: Shell, providers: readonly Provider[]): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag') // pages are never cached, and the names of cached files contain their hash
  app.set('trust proxy', [...shell.trustedProxies])
  app.set('query parser', 'simple')
  app.use(
    requestLog({ log: shell.log, random: shell.parts.random }),
    securityHeaders(shell),
    refuseControlCharactersInUrl,
  )
  const middleware = middlewareByCaller(shell)
  const byPath = Map.groupBy(routes(providers), ({ path }) => path)
  for (const [path, rows] of byPath) {
    const refuse = methodNotAllowed(rows)
    if (rows.some(({ refusesHead }) => refusesHead)) app.head(path, refuse)
    for (const row of rows) {
      const handler = permittedHandler(row)
      app[row.method](path, ...middleware[row.caller], (request, response) => handler({ shell, request, response }))
    }
    const page = rows.find((row) => row.page !== undefined)?.page
    if (page !== undefined) app.get(path, (request, response) => redirect(response, pageHref(page, request)))
    app.all(path, refuse)
  }
  app.use(notFound, failure(shell))
  return app
}

/** URL of a page with the parts of the path and the query of this request. */
function pageHref(page: string, { params, originalUrl }: Request): string {
  const path = page.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])))
  return path + queryPart(originalUrl)
}

function methodNotAllowed(rows: readonly WebRoute[]): RequestHandler {
  const methods = rows.map(({ method }) => method.toUpperCase()).filter((method) => method !== 'OPTIONS')
  const allowed = methods.join(', ')
  return (_request, response) => {
    response.set('allow', allowed)
    throw new GatehouseError('method_not_allowed', `allowed here: ${allowed}`)
  }
}
