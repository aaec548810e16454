/** What is around a copied value, which explains most faults of its form. Quotes no value. */
export function enclosureHint(value: unknown, message: string): string {
  const isAboutForm = /^(?:must|does not have)\b/.test(message)
  if (typeof value !== 'string' || !isAboutForm || /\b(?:quotes|space)\b/.test(message)) return ''
  const hints = [
    ...(value === value.trim() ? [] : ['it begins or ends with a space: remove it']),
    ...(quotes.test(value.trim()) ? ['it is in quotes: remove them (an env file of Docker keeps them)'] : []),
    ...(assignment.test(value.trim()) ? ['it begins with a name and =: give the value alone'] : []),
  ]
  return hints.map((hint) => `; ${hint}`).join('')
}

const quotes = /^["'`\u2018-\u201f\u00ab].*["'`\u2018-\u201f\u00bb]$/s
const assignment = /^[A-Za-z_]\w*=["']?[a-z][a-z+]*:\/\//i
