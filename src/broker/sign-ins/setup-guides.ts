/** The section on failures in a provider's setup guide. */
export interface SetupGuide {
  readonly file: string
  readonly section: string
}

const sections: Readonly<Record<string, string | undefined>> = {
  apple: 'When it does not work',
  email: 'When it does not work',
  entra: 'When it does not work',
  epam: 'At Gatehouse',
  github: 'When it does not work',
  gitlab: 'When it does not work',
  google: 'When it does not work',
  linkedin: 'When it does not work',
  oidc: 'When it does not work',
  okta: 'When it does not work',
  password: undefined,
  saml: 'When it does not work',
}

/** Undefined for passwords and for plugins. */
export function setupGuideOf(kind: string): SetupGuide | undefined {
  const [file, section] = [setupFileOf(kind), sections[kind]]
  return file === undefined || section === undefined ? undefined : { file, section }
}

/** Undefined for plugins. */
export const setupFileOf = (kind: string): string | undefined =>
  Object.hasOwn(sections, kind) ? `providers/${kind}/setup.md` : undefined
