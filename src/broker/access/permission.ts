/**
 * Permissions that routes require, with the roles that have them. Every row of the route table
 * names one of these or `none`; the scopes of an API token are these names.
 */

interface PermissionRow {
  /** Completes "Lets a role or an API token …", for the user who has it. */
  readonly text: string
  /** Needs a session: an API token never has it. */
  readonly sessionOnly?: true
}

export const permissions = {
  'profile:read': { text: 'read your profile' },
  'profile:write': { text: 'change your profile' },
  'sites:access': { text: 'sign you in to sites and apps that check the credential' },
  'sessions:read': { text: 'list your sessions' },
  'sessions:write': { text: 'end your sessions' },
  'identities:read': { text: 'list your sign-in methods' },
  'identities:write': { text: 'add, confirm and remove your sign-in methods', sessionOnly: true },
  'factors:read': { text: 'list your second factors' },
  'factors:write': { text: 'add, rename and remove your second factors', sessionOnly: true },
  'consents:read': { text: 'list the apps that have access to your account' },
  'consents:write': { text: 'revoke the access of apps to your account' },
  'tokens:read': { text: 'list your API tokens' },
  'tokens:write': { text: 'create and rotate your API tokens', sessionOnly: true },
  'tokens:revoke': { text: 'revoke your API tokens' },
  'password:write': { text: 'change your password', sessionOnly: true },
  'apps:read': { text: 'read your apps' },
  'apps:write': { text: 'register, change and delete your apps, with their secrets and keys' },
  'secret:read': { text: 'read your client secret', sessionOnly: true },
  'secret:write': { text: 'create and rotate your client secret', sessionOnly: true },
  'secret:revoke': { text: 'revoke your client secret, and earlier ones', sessionOnly: true },
  'users:read': { text: 'read the users of the tenant' },
  'users:write': {
    text: 'change users of the tenant, create service accounts and their API tokens',
    sessionOnly: true,
  },
  'roles:read': { text: 'read the roles of the users of the tenant' },
  'roles:write': { text: 'assign and remove roles in the tenant', sessionOnly: true },
  'audit:read': { text: 'read the audit events of the tenant' },
  'connections:read': { text: 'read the health of the connections of the tenant' },
  'connections:probe': { text: 'probe a connection of the tenant at once' },
  'connections:share': {
    text: 'create and revoke links to the setup page of a connection, which works without a sign-in',
    sessionOnly: true,
  },
  'sign-ins:read': { text: 'read the traces of sign-ins in the tenant' },
  'sign-ins:share': { text: 'create links that show one trace without a sign-in', sessionOnly: true },
  'tenant-apps:read': { text: 'read the apps of all developers of the tenant' },
  'tenant-apps:write': { text: 'disable and enable apps of all developers of the tenant', sessionOnly: true },
  'configuration:read': { text: 'read the configuration of the tenant, without secrets' },
  'deployment:read': { text: 'read the state of the deployment: processes, stores, queues' },
  'keys:read': { text: 'read the signing keys' },
  'keys:write': { text: 'rotate and retire signing keys', sessionOnly: true },
} as const satisfies Readonly<Record<string, PermissionRow>>

export type Permission = keyof typeof permissions

/** `none`: the request itself proves what is needed, or the credentials of an app do. */
export type RequiredPermission = Permission | 'none'

export const permissionNames = Object.keys(permissions) as readonly Permission[]

export const isPermission = (name: string): name is Permission => Object.hasOwn(permissions, name)

export const isSessionOnly = (permission: Permission): boolean => 'sessionOnly' in permissions[permission]

const administration = [
  ...(['users:read', 'users:write', 'roles:read', 'roles:write', 'audit:read'] as const),
  ...(['connections:read', 'connections:probe', 'connections:share'] as const),
  ...(['sign-ins:read', 'sign-ins:share'] as const),
  ...(['tenant-apps:read', 'tenant-apps:write', 'configuration:read'] as const),
] as const

/** A user's roles add up: each has only what it lists. */
export const rolePermissions = {
  member: [
    ...(['profile:read', 'profile:write', 'sites:access', 'sessions:read', 'sessions:write'] as const),
    ...([
      'identities:read',
      'identities:write',
      'factors:read',
      'factors:write',
      'consents:read',
      'consents:write',
    ] as const),
    ...(['tokens:read', 'tokens:write', 'tokens:revoke', 'password:write'] as const),
    // a former developer still sees and revokes a secret
    ...(['secret:read', 'secret:revoke'] as const),
  ],
  developer: ['apps:read', 'apps:write', 'secret:write'],
  /** Permissions in one tenant. */
  admin: administration,
  /** Permissions in every tenant, and those of the deployment. */
  operator: [...administration, 'deployment:read', 'keys:read', 'keys:write'],
} as const satisfies Readonly<Record<string, readonly Permission[]>>

export type Role = keyof typeof rolePermissions

/** From the most to the least powerful. */
export const roleNames = ['operator', 'admin', 'developer', 'member'] as const satisfies readonly Role[]

/** Roles that an assignment can give. */
export const assignedRoles = ['operator', 'admin', 'developer'] as const satisfies readonly Role[]
export type AssignedRole = (typeof assignedRoles)[number]

const rolesByPermission = new Map(
  permissionNames.map((permission) => [
    permission,
    roleNames.filter((role) => (rolePermissions[role] as readonly Permission[]).includes(permission)),
  ]),
)

export const rolesWith = (permission: Permission): readonly Role[] => rolesByPermission.get(permission) ?? []
