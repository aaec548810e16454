/** The config folder of the quickstart: a copy of config/ that has Apple's connection and speaks of the ports and the folder asked for. */
import { generateKeyPairSync } from 'node:crypto'
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { usualPorts } from './ports.mjs'
import { root } from './run.mjs'

export function configFolder(ports, folder) {
  const copy = join(folder, 'quickstart', 'config')
  rmSync(resolve(root, copy), { recursive: true, force: true })
  cpSync(join(root, 'config'), resolve(root, copy), { recursive: true })
  for (const file of yamlFilesBelow(resolve(root, copy))) {
    writeFileSync(file, withFolder(withPorts(withAll(readFileSync(file, 'utf8')), ports), folder))
  }
  const own = resolve(root, copy, 'tenants', 'demo')
  mkdirSync(own, { recursive: true })
  copyFileSync(appleKeyFile(folder), join(own, 'apple.p8'))
  return copy
}

/** The private key of the connection to the emulated Apple: made once, here, for this machine alone. */
export function appleKeyFile(folder) {
  const file = resolve(root, folder, 'quickstart', 'apple.p8')
  if (existsSync(file)) return file
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return file
}

/** Lines that only work here, because they need what the quickstart makes, are comments that begin with `#:`. */
export function withAll(text) {
  return text.replace(/^( *)#: /gm, '$1')
}

function withFolder(text, folder) {
  return text.replace(/: var\//g, `: ${folder}/`)
}

/** In one pass, so that ports may be swapped among the parts. Only as a port: after `localhost:`, `127.0.0.1:` or `port:`. */
export function withPorts(text, ports) {
  return text.replace(/(localhost:|127\.0\.0\.1:|port:\s*)(\d{4,5})\b/g, (whole, before, number) => {
    const part = Object.keys(usualPorts).find((name) => usualPorts[name] === Number(number))
    return part === undefined ? whole : `${before}${ports[part]}`
  })
}

function yamlFilesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return yamlFilesBelow(path)
    return /\.ya?ml$/.test(entry.name) ? [path] : []
  })
}
