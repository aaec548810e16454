/** `branding:` of a tenant: how its emails look. */

import { options } from '../schema/shape.ts'
import { textWhere } from '../schema/text.ts'

/** WCAG 2.2, 1.4.3: text of normal size. */
const minContrast = 4.5

const color = textWhere((text) => {
  if (!/^#[\da-f]{6}$/i.test(text)) return 'must be a color of the form "#1f4fd8", in quotes'
  const contrast = contrastWithWhite(text)
  if (contrast >= minContrast) return undefined
  return `has a contrast of ${contrast.toFixed(2)} with the white text of buttons; choose a darker color, of ${minContrast} or more`
})

export const brandingSchema = options(
  { color: color.optional() },
  {
    color:
      'Color of buttons in emails, as "#rrggbb", dark enough for white text (contrast 4.5 or more). Default "#1f4fd8", a blue.',
  },
)

/** WCAG 2.2, "contrast ratio": 1 to 21. */
function contrastWithWhite(hex: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
  return 1.05 / (luminance + 0.05)
}
