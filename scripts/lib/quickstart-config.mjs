/** The config folder of the quickstart: config/ with Apple, ports and folder. */
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

/** The key of the connection to the emulated Apple, created once. */
export function appleKeyFile(folder) {
  const file = resolve(root, folder, 'quickstart', 'apple.p8')
  if (existsSync(file)) return file
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return file
}

/** Lines for the quickstart only are comments that begin with `#:`. */
export function withAll(text) {
  return text.replace(/^( *)#: /gm, '$1')
}

function withFolder(text, folder) {
  return text.replace(/: var\//g, `: ${folder}/`)
}

/** Replaces all ports in one pass, so that they can be swapped; only after a host or `port:`. */
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
