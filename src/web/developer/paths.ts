/** Addresses of the portal's pages. */
export const developerPath = '/developer'
export const newAppPath = `${developerPath}/apps/new`
export const appPath = (id: string) => `${developerPath}/apps/${encodeURIComponent(id)}`

/** The pages of an app, in the order of their tabs; the overview is at `appPath`. */
export const appTabs = {
  overview: { label: 'Overview', path: '' },
  settings: { label: 'Settings', path: '/settings' },
  credentials: { label: 'Credentials', path: '/credentials' },
  danger: { label: 'Danger zone', path: '/delete' },
} as const

export type AppTab = keyof typeof appTabs
export const appTabNames: readonly AppTab[] = ['overview', 'settings', 'credentials', 'danger']
export const appTabPath = (id: string, tab: AppTab) => `${appPath(id)}${appTabs[tab].path}`
