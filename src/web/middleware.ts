/** Middleware that a request must pass before its handler. */
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import express, { type RequestHandler } from 'express'
import helmet from 'helmet'
import { GatehouseError } from '../errors.ts'
import { refuseControlCharactersInBody } from '../http/request/control-characters.ts'
import { usualPolicy } from '../http/respond.ts'
import { sameOrigin } from '../http/same-origin.ts'
import { truncate } from '../primitives/untrusted-text.ts'
import { headlessCors } from './api/headless/cors.ts'
import type { Caller } from './route.ts'
import type { Shell } from './shell.ts'
import { browserSession, type PendingBrowserPorts } from './sign-in/pending-browser.ts'

export function middlewareByCaller(
  shell: Pick<Shell, 'browsers' | 'publicUrl' | 'tenants'> & PendingBrowserPorts,
): Readonly<Record<Caller, readonly RequestHandler[]>> {
  const browser = browserSession(shell)
  const form = express.urlencoded({ extended: false, limit: '32kb', parameterLimit: 50 })
  const ownForm = [sameOrigin(shell), form, refuseControlCharactersInBody, browser]
  const api = [commonCharset, express.json({ limit: '32kb', strict: true }), refuseControlCharactersInBody, requireJson]
  return {
    anyone: [],
    browser: [browser],
    form: ownForm,
    administrator: [],
    'administrator form': ownForm,
    upstream: [
      commonCharset,
      // URL-encoding may triple a SAML response, whose maximum is 256 kB
      express.urlencoded({ extended: false, limit: '800kb', parameterLimit: 16 }),
      refuseControlCharactersInBody,
      browser,
    ],
    message: [
      commonCharset,
      express.urlencoded({ extended: false, limit: '64kb', parameterLimit: 50 }),
      express.json({ limit: '64kb', strict: true }),
      refuseControlCharactersInBody,
    ],
    api,
    headless: [headlessCors(shell), ...api],
  }
}

/** Some write `utf8`, a name that is not registered (RFC 3629 8). */
const commonCharset: RequestHandler = ({ headers }, _response, next) => {
  const type = headers['content-type']
  if (type !== undefined) headers['content-type'] = type.replace(/(;\s*charset=)"?utf8"?/i, '$1utf-8')
  next()
}

const requireJson: RequestHandler = (request, _response, next) => {
  // null: no body; fetch sends a PUT or POST without one with its length
  if (request.is('application/json') !== false || request.headers['content-length'] === '0') return next()
  const text = 'Send the body as JSON, with content-type: application/json.'
  const type = truncate(request.headers['content-type'] ?? 'none')
  next(new GatehouseError('request_invalid', `a body of type ${type}`, { text }))
}

/** Helmet runs once: its headers are the same for every response. */
export function securityHeaders({ cookie }: Pick<Shell, 'cookie'>): RequestHandler {
  const sample = new ServerResponse(new IncomingMessage(new Socket()))
  helmetFor(cookie)(sample.req, sample, () => {})
  const headers = Object.entries(sample.getHeaders()).map(([name, value]) => [name, String(value)] as const)
  return (_request, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value)
    response.setHeader('content-security-policy', usualPolicy)
    next()
  }
}

function helmetFor({ secure }: Pick<Shell['cookie'], 'secure'>) {
  return helmet({
    contentSecurityPolicy: false,
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: secure ? { maxAge: 31_536_000 } : false,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
  })
}
