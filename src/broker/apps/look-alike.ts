/** Detects app names that look alike on a consent page. Pure. */
import confusable from 'unhomoglyph'

/** Confusable for a hasty reader, though not in UTS 39: a letter, then what looks like it. */
const lookAlikes: ReadonlyMap<string, string> = new Map(
  [
    'aаᴀɑα4@ʌ bвьβßʙ8 cсϲᴄ dԁᴅ eеєεҽᴇ3 fꜰ gցɡɢ hнһʜ iіıїj1|lɩӏɪʟᴊ kкκᴋ mмᴍ nηпոɴ oоοσօ0ᴏø pрρᴘ qԛ rгᴦʀ sѕ5$ꜱ',
    'tтτᴛ7 uυսцᴜ vνѵᴠ wԝωшᴡ xхχ yуγүʏ zзᴢ',
  ]
    .flatMap((row) => row.split(' '))
    .flatMap(([latin = '', ...others]) => others.map((other) => [other, latin] as const)),
)

const isAscii = (character: string) => character <= '~'

/** The ASCII letter or digit that a character looks like by UTS 39. */
function latinLook(character: string): string | undefined {
  if (isAscii(character)) return undefined
  const looks = bareText(confusable(character))
  return [...looks].every(isAscii) ? looks.replace(/[^a-z0-9]/gi, '') || undefined : undefined
}

function bareText(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '')
}

/** Enclosed letters and regional indicators, which normalization does not map back. */
function enclosed(character: string): string {
  const point = character.codePointAt(0) ?? 0
  const start = [0x1f150, 0x1f170, 0x1f1e6].find((first) => point >= first && point < first + 26)
  return start === undefined ? character : String.fromCharCode(0x61 + point - start)
}

/** The name without case, accents, spaces and signs, as a hasty reader sees it. */
export function looksOf(name: string): string {
  const latin = [...bareText(name)].map((character) => latinLook(character) ?? enclosed(character)).join('')
  const characters = [...latin.toLowerCase()].map((character) => lookAlikes.get(character) ?? character).join('')
  return characters
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
}

/** Words that do not change whose name it seems to be: "Google Login" is Google's. */
const fillers: ReadonlySet<string> = new Set(
  [
    'access account accounts admin app apps auth authentication by cloud connect console for from help helpdesk id',
    'identity inc llc login ltd mail mobile my of official online page portal secure security service services signin',
    'sign in on single sso staff support team the to verification verify verified web with your',
  ].flatMap((words) => words.split(' ').map(looksOf)),
)

export function mistakenFor(name: string, taken: readonly string[]): string | undefined {
  const words = name.normalize('NFKC').split(/[\s\p{P}\p{S}]+/u)
  const core = words.filter((word) => !fillers.has(looksOf(word))).join(' ')
  const seen = [looksOf(name), looksOf(core)].filter((looks) => looks !== '')
  return taken.find((other) => seen.includes(looksOf(other)))
}

/** Brands that users sign in with, or trust as if they did. */
export const brandNames: readonly string[] = [
  'Gatehouse, Google, Gmail, Google Workspace, YouTube, Android, Apple, Apple ID, iCloud, LinkedIn, Okta, Auth0',
  'Microsoft, Microsoft Entra, Entra, Azure, Office 365, Microsoft 365, Outlook, Teams, OneDrive, SharePoint',
  'EPAM, EPAM SSO, EPAM Systems, GitHub, GitLab, Atlassian, Jira, Bitbucket, Facebook, Meta, Instagram',
  'WhatsApp, Twitter, TikTok, Amazon, AWS, PayPal, Stripe, Slack, Zoom, Dropbox, Salesforce, Yahoo, Keycloak',
  'OneLogin, Ping Identity, Duo, LINE',
].flatMap((names) => names.split(', '))

/** Scripts that are written together with Latin letters in one word. */
const besideLatin = /[\p{scx=Latin}\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Hangul}]/u
const lookLatin = ['Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Coptic', 'Lisu'].map(
  (script) => new RegExp(`\\p{Script=${script}}`, 'u'),
)

/** UTS 39 5.2: a word with letters of several scripts that no language writes together. */
export function mixesScripts(name: string): boolean {
  return name.split(/[^\p{L}\p{M}\p{N}]+/u).some((word) => {
    const characters = [...word].filter((character) => /\p{L}/u.test(character))
    const hasLatin = characters.some((character) => /\p{Script=Latin}/u.test(character))
    const scripts = lookLatin.filter((script) => script.test(word)).length
    return (
      scripts > 1 ||
      (hasLatin &&
        characters.some((character) => !/\p{Script=Common}/u.test(character) && !besideLatin.test(character)))
    )
  })
}
