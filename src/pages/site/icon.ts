/**
 * The icon in the browser's tab: the initials of the tenant, so that its URL names all that it
 * shows.
 */
import { initialsOf } from './initials.ts'

const folder = '/static/icons'
const pattern = /^[\p{L}\p{N}]{1,2}$/u

/** Path of the icon of a tenant, by its name. */
export function iconPath(tenantName = 'Gatehouse'): string {
  const initials = initialsOf(tenantName)
  return `${folder}/${encodeURIComponent(pattern.test(initials) ? initials : 'G')}.svg`
}

/** @param initials one or two letters or digits; undefined for anything else */
export function iconOf(initials: string): string | undefined {
  if (!pattern.test(initials)) return undefined
  const size = initials.length === 1 ? 18 : 14
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2f54d6"/><text x="16" y="16" fill="#fff" font-family="system-ui,sans-serif" font-size="${size}" font-weight="700" text-anchor="middle" dominant-baseline="central">${initials}</text></svg>`
}
