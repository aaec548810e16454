/** Permissions that an API token may be limited to, in words. */
import {
  isPermission,
  isSessionOnly,
  permissionNames,
  permissions,
  type Role,
  rolesWith,
} from '../../../broker/access/permission.ts'

/** "Read the profile of the user"; the name itself if the permission was removed. */
export function scopeText(name: string): string {
  if (!isPermission(name)) return name
  const { text } = permissions[name]
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

/** Scopes that a user with these roles can give a token. */
export function scopeChoices(roles: readonly Role[]) {
  return permissionNames
    .filter((name) => !isSessionOnly(name) && rolesWith(name).some((role) => roles.includes(role)))
    .map((value) => ({ value, label: scopeText(value) }))
}
