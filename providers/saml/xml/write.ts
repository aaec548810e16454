/** Writes XML. */

type Value = string | Date | null | undefined

/** @param content XML; attributes without a value are left out */
export function element(
  name: string,
  attributes: Readonly<Record<string, Value>>,
  ...content: readonly string[]
): string {
  return `<${name}${attributesXml(attributes)}>${content.join('')}</${name}>`
}

export function attributesXml(attributes: Readonly<Record<string, Value>>): string {
  const entries = Object.entries(attributes).filter(([, value]) => value !== null && value !== undefined)
  return entries.map(([key, value]) => ` ${key}="${escaped(textOf(value))}"`).join('')
}

const textOf = (value: Value) => (value instanceof Date ? value.toISOString() : (value ?? ''))

const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => signs[sign] ?? sign)
}
