/**
 * What a route may require, and which role has it. Every row of the route table names one of
 * these or `none`; the scopes of an API token are these names.
 */

interface PermissionRow {
  /** Completes "Lets a role or an API token …". */
  readonly text: string
  /** Needs a session: an API token never has it. */
  readonly sessionOnly?: true
}

export const permissions = {
  'profile:read': { text: 'read the profile of the user' },
  'profile:write': { text: 'change the profile of the user' },
  'sites:access': { text: 'sign the user in to sites and apps that check the credential' },
  'sessions:read': { text: 'list the sessions of the user' },
  'sessions:write': { text: 'end sessions of the user' },
  'identities:read': { text: 'list the sign-in methods of the user' },
  'identities:write': { text: 'add, confirm and remove sign-in methods of the user', sessionOnly: true },
  'factors:read': { text: 'list the second factors of the user' },
  'factors:write': { text: 'add, rename and remove second factors of the user', sessionOnly: true },
  'consents:read': { text: 'list the apps that have access to the user' },
  'consents:write': { text: 'withdraw the access of apps to the user' },
  'tokens:read': { text: 'list the API tokens of the user' },
  'tokens:write': { text: 'create and rotate API tokens of the user', sessionOnly: true },
  'tokens:revoke': { text: 'revoke API tokens of the user' },
  'password:write': { text: 'change the password of the user', sessionOnly: true },
  'apps:read': { text: 'read the apps of the developer' },
  'apps:write': { text: 'register, change and delete apps of the developer, with their secrets and keys' },
  'secret:read': { text: 'read the client secret of the developer', sessionOnly: true },
  'secret:write': { text: 'create and rotate the client secret of the developer', sessionOnly: true },
  'secret:revoke': { text: 'revoke the client secret of the developer, also of a former one', sessionOnly: true },
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
  /** Of one tenant. */
  admin: administration,
  /** Of the deployment: in every tenant. */
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
