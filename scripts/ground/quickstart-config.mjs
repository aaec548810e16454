/** The config folder of the quickstart: config/ as it is, or a copy in var/ that speaks of other ports and another folder. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { usualPorts } from './ports.mjs'
import { root } from './run.mjs'

export function configFolder(ports, folder) {
  const moved = Object.keys(usualPorts).some((part) => ports[part] !== usualPorts[part]) || folder !== 'var'
  if (!moved) return 'config'
  const copy = join(folder, 'quickstart', 'config')
  rmSync(resolve(root, copy), { recursive: true, force: true })
  cpSync(join(root, 'config'), resolve(root, copy), { recursive: true })
  for (const file of yamlFilesBelow(resolve(root, copy))) {
    writeFileSync(file, withFolder(withPorts(readFileSync(file, 'utf8'), ports), folder))
  }
  return copy
}

function withFolder(text, folder) {
  return text.replace(/: var\//g, `: ${folder}/`)
}

/** In one pass, so that ports may be swapped among the parts. Only as a port: after `localhost:` or `port:`. */
export function withPorts(text, ports) {
  return text.replace(/(localhost:|port:\s*)(\d{4,5})\b/g, (whole, before, number) => {
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
