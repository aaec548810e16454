/** Notices of `/account/security` after an action on one of its pages (`?notice=`). */
export const securityNotices: Readonly<Record<string, string>> = {
  'password-changed': 'Your password was changed.',
  'codes-replaced': 'Your recovery codes were replaced. The old ones no longer work.',
  'devices-forgotten': 'Your remembered browsers were forgotten.',
  'factor-added': 'The second factor was added.',
  'factor-removed': 'The second factor was removed.',
  again: 'Confirmed. You can continue.',
}
