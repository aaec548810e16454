/** The config folder of the quickstart: config/ as it is, or a copy in var/ that speaks of other ports. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { usualPorts } from './ports.mjs'
import { root } from './run.mjs'

export function configFolder(ports) {
  const moved = Object.keys(usualPorts).filter((part) => ports[part] !== usualPorts[part])
  if (moved.length === 0) return 'config'
  const folder = join('var', 'quickstart', 'config')
  rmSync(join(root, folder), { recursive: true, force: true })
  cpSync(join(root, 'config'), join(root, folder), { recursive: true })
  for (const file of yamlFilesBelow(join(root, folder))) {
    writeFileSync(file, withPorts(readFileSync(file, 'utf8'), ports))
  }
  return folder
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
