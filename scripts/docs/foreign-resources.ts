/** Finds what a browser would load from another host. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Elements that load, imports, and style sheets. A link to another site (`<a href>`) loads nothing
 * by itself.
 */
const loads = [
  /<(?:script|img|iframe|source|video|audio|embed|object)\b[^<>]{0,300}\b(?:src|srcset|data)="(?:https?:)?\/\/[^"]{0,300}"/g,
  /<link\b[^<>]{0,300}\bhref="(?:https?:)?\/\/[^"]{0,300}"/g,
  /url\( {0,3}["']?(?:https?:)?\/\/[^)]{0,300}\)/g,
  /@import ["'](?:https?:)?\/\/[^"']{0,300}["']/g,
  /\b(?:import|fetch)\( {0,3}["'`](?:https?:)?\/\/[^)]{0,300}\)/g,
]

/** @returns lines with file and resource; none is right */
export function foreignResources(folder: string): readonly string[] {
  const files = globSync('**/*.{html,css,js,svg}', { cwd: folder }).sort()
  return files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    return loads.flatMap((pattern) =>
      [...text.matchAll(pattern)].map(([resource]) => `${file}: ${resource.slice(0, 200)}`),
    )
  })
}
