/** The ports of the quickstart: from flags, else the environment, else the usual ones; checked before anything starts. */
import { createServer } from 'node:net'
import { Failure } from './say.mjs'

export const usualPorts = { gatehouse: 4000, okta: 4010, mail: 4011, demo: 4020 }

export function portsFrom(args, env = process.env) {
  const known = Object.keys(usualPorts).map((part) => `--${part}-port`)
  const ports = { ...usualPorts }
  for (const part of Object.keys(usualPorts)) {
    ports[part] = portOf(env[`${part.toUpperCase()}_PORT`], `${part.toUpperCase()}_PORT`) ?? ports[part]
  }
  for (let i = 0; i < args.length; i += 1) {
    if (args[i] === '--log') continue
    const [flag, inline] = args[i].split('=')
    if (!known.includes(flag)) throw new Failure(`quickstart does not know ${args[i]}; npm run quickstart -- --help`)
    ports[flag.slice(2, -'-port'.length)] = portOf(inline ?? args[++i] ?? '', flag)
  }
  return ports
}

function portOf(text, name) {
  if (text === undefined) return undefined
  if (/^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65536) return Number(text)
  throw new Failure(`${name} must be a port number from 1 to 65535`)
}

export async function checkFree(ports) {
  const taken = []
  for (const [part, port] of Object.entries(ports)) {
    if (!(await isFree(port, '127.0.0.1')) || !(await isFree(port, '::1'))) {
      taken.push(
        `Port ${port} (${part}) is in use: end what uses it, or choose another with ${part.toUpperCase()}_PORT=<n> npm run quickstart.`,
      )
    }
  }
  if (taken.length > 0) throw new Failure(taken.join('\n'))
}

function isFree(port, host) {
  return new Promise((resolve) => {
    const server = createServer()
    // any other fault (no IPv6 here, say) is for the part itself to meet
    server.once('error', (error) => resolve(error.code !== 'EADDRINUSE'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
