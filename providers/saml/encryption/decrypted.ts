/** Makes decrypted text a standalone document: some encrypt whole documents, others fragments. */

import { readStrictly } from '../response/response.ts'
import { declaredUpTo } from '../xml/canonical.ts'
import type { XmlElement } from '../xml/xml.ts'

const declaration = /^[\uFEFF\s]*<\?xml\s[^>]*\?>/
const startOfRoot = /^([\uFEFF\s]*<[\w.:-]+)/

/**
 * @param container its namespaces apply inside (XML Encryption 4.5.1) unless the text declares its
 * own. Throws `callback_malformed` unless the text is balanced.
 */
export function contentOf(text: string, container: XmlElement): string {
  const content = text.replace(declaration, '')
  try {
    if (readStrictly(content).root.namespace !== '') return content
  } catch {
    // a prefix may be undeclared
  }
  const outer = declaredUpTo(container, rootOf(container))
  const own = declaredIn(content)
  const declarations = [...outer].filter(([prefix]) => !own.has(prefix)).map(declarationOf)
  const whole = content.replace(startOfRoot, (start) => start + declarations.join(''))
  readStrictly(whole)
  return whole
}

/** Prefixes declared in the root's start tag. */
function declaredIn(content: string): ReadonlySet<string> {
  const startTag = content.slice(0, content.indexOf('>'))
  return new Set(Array.from(startTag.matchAll(/\sxmlns(?::([\w.-]+))?\s*=/g), ([, name = '']) => name))
}

function declarationOf([prefix, namespace]: readonly [string, string]): string {
  const value = namespace.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
  return ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${value}"`
}

function rootOf(element: XmlElement): XmlElement {
  return element.parent === undefined ? element : rootOf(element.parent)
}
