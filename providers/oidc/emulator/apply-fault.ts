/** Faults that replace an endpoint's whole response. */
import type { ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Endpoint, Faults } from './faults.ts'
import { messagePage } from './pages.ts'

const json = { 'content-type': 'application/json' }

/** True if it responded, or never will. */
export async function applyFault(endpoint: Endpoint, response: ServerResponse, faults: Faults): Promise<boolean> {
  const slow = faults.value('slow')
  if (slow !== undefined) await wait(typeof slow === 'number' ? slow : 3000)
  const answer = faults.values('answer')[endpoint]
  if (faults.strikes('down', endpoint)) response.destroy()
  else if (faults.strikes('hang', endpoint)) response.on('close', () => undefined)
  else if (faults.strikes('drip', endpoint)) respondSlowly(response)
  else if (faults.strikes('html', endpoint)) html(response, 200)
  else if (faults.strikes('status500', endpoint)) html(response, 500)
  else if (faults.strikes('redirect', endpoint))
    response.writeHead(307, { location: 'http://127.0.0.1:9/elsewhere' }).end()
  else if (faults.strikes('large', endpoint))
    response.writeHead(200, json).end(`{"filler":"${'x'.repeat(20_000_000)}"}`)
  else if (faults.strikes('truncated', endpoint)) response.writeHead(200, json).end('{"access_token":"abc","id_tok')
  else if (typeof answer === 'string') response.writeHead(200, json).end(answer)
  else if (endpoint === 'token' && faults.has('tokenError'))
    response.writeHead(200, json).end('{"error":"server_error"}')
  else return false
  return true
}

function respondSlowly(response: ServerResponse): void {
  response.writeHead(200, json).write('{')
  const dripping = setInterval(() => response.write(' '), 100)
  response.on('close', () => clearInterval(dripping))
}

function html(response: ServerResponse, status: number): void {
  response
    .writeHead(status, { 'content-type': 'text/html' })
    .end(messagePage('Something went wrong', 'We are sorry, something went wrong.'))
}
