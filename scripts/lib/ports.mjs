/** Options of the quickstart. Ports come from flags, environment or defaults. */
import { createServer } from 'node:net'
import { parseArgs } from 'node:util'
import { Failure } from './say.mjs'

export const usualPorts = {
  gatehouse: 4000,
  demo: 4020,
  spa: 4021,
  'server-app': 4022,
  proxy: 4023,
  react: 5173,
  okta: 4010,
  google: 4012,
  linkedin: 4013,
  apple: 4014,
  epam: 4015,
  entra: 4016,
  github: 4017,
  gitlab: 4018,
  mail: 4011,
}

/** Parses the options. Throws a Failure for an unknown one. */
export function optionsFrom(args, env = process.env) {
  const flags = Object.fromEntries(Object.keys(usualPorts).map((part) => [`${part}-port`, { type: 'string' }]))
  const asked = valuesOf(args, {
    ...flags,
    folder: { type: 'string', default: 'var' },
    log: { type: 'boolean' },
    help: { type: 'boolean' },
  })
  const ports = { ...usualPorts }
  for (const part of Object.keys(usualPorts)) {
    const name = variableOf(part)
    ports[part] = portOf(asked[`${part}-port`], `--${part}-port`) ?? portOf(env[name], name) ?? ports[part]
  }
  return { ports, folder: asked.folder, log: asked.log === true, help: asked.help === true }
}

function valuesOf(args, options) {
  try {
    return parseArgs({ args, options }).values
  } catch (error) {
    const [sentence] = error.message.split('. ')
    throw new Failure(`${sentence}; see npm run quickstart -- --help`)
  }
}

function portOf(text, name) {
  if (text === undefined) return undefined
  if (/^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65536) return Number(text)
  throw new Failure(`${name} must be a port number from 1 to 65535`)
}

/** The variable of a port, such as `SERVER_APP_PORT`. */
export function variableOf(part) {
  return `${part.toUpperCase().replace('-', '_')}_PORT`
}

export async function checkFree(ports) {
  const taken = []
  for (const [part, port] of Object.entries(ports)) {
    if (part === 'proxy' || part === 'react') continue // the user starts them, maybe earlier
    if (!(await isFree(port, '127.0.0.1')) || !(await isFree(port, '::1'))) {
      taken.push(
        `Port ${port} (${part}) is in use: end what uses it, or choose another with ${variableOf(part)}=<n> npm run quickstart.`,
      )
    }
  }
  if (taken.length > 0) throw new Failure(taken.join('\n'))
}

function isFree(port, host) {
  return new Promise((resolve) => {
    const server = createServer()
    // the server itself reports any other error (such as no IPv6)
    server.once('error', (error) => resolve(error.code !== 'EADDRINUSE'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
