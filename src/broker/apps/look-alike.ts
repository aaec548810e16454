/** Detects app names that look alike on a consent page. Pure. */
import { confusableLines } from './confusables.ts'

/** Confusable for a hasty reader, though not in UTS 39; lower case. */
const lookAlikes: Readonly<Record<string, string>> = {
  ...pairs('аᴀɑα4@ʌ', 'a'),
  ...pairs('вьβßʙ8', 'b'),
  ...pairs('сϲᴄ', 'c'),
  ...pairs('ԁᴅ', 'd'),
  ...pairs('еєεҽᴇ3', 'e'),
  ...pairs('ꜰ', 'f'),
  ...pairs('ցɡɢ', 'g'),
  ...pairs('нһʜ', 'h'),
  ...pairs('ііιıїj1|lɩӏɪʟᴊ', 'i'),
  ...pairs('кκᴋ', 'k'),
  ...pairs('мᴍ', 'm'),
  ...pairs('ηпոɴ', 'n'),
  ...pairs('оοσօ0ᴏø', 'o'),
  ...pairs('рρᴘ', 'p'),
  ...pairs('ԛ', 'q'),
  ...pairs('гᴦʀ', 'r'),
  ...pairs('ѕ5$ꜱ', 's'),
  ...pairs('тτᴛ7', 't'),
  ...pairs('υսцᴜ', 'u'),
  ...pairs('νѵᴠ', 'v'),
  ...pairs('ԝωшᴡ', 'w'),
  ...pairs('хχ', 'x'),
  ...pairs('уγүʏ', 'y'),
  ...pairs('зᴢ', 'z'),
}

function pairs(characters: string, latin: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...characters].map((character) => [character, latin]))
}

/** From UTS 39, case-sensitive (Greek Ρ is P, ν is v). */
const confusables: ReadonlyMap<string, string> = new Map(
  confusableLines.flatMap((line) => {
    const [looks = '', ...points] = line.split(' ')
    return points.map((point) => [String.fromCodePoint(Number.parseInt(point, 36)), looks] as const)
  }),
)

/** Enclosed letters and regional indicators, which normalization does not map back. */
function enclosed(character: string): string {
  const point = character.codePointAt(0) ?? 0
  const start = [0x1f150, 0x1f170, 0x1f1e6].find((first) => point >= first && point < first + 26)
  return start === undefined ? character : String.fromCharCode(0x61 + point - start)
}

/** What a hasty reader sees of a name: no case, accents, spaces or signs. */
export function looksOf(name: string): string {
  const bare = name.normalize('NFKD').replace(/\p{M}/gu, '')
  const latin = [...bare].map((character) => confusables.get(character) ?? enclosed(character)).join('')
  const characters = [...latin.toLowerCase()].map((character) => lookAlikes[character] ?? character).join('')
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
  ...['Gatehouse', 'Google', 'Gmail', 'Google Workspace', 'YouTube', 'Android', 'Apple', 'Apple ID', 'iCloud'],
  ...['LinkedIn', 'Okta', 'Auth0', 'Microsoft', 'Microsoft Entra', 'Entra', 'Azure', 'Office 365', 'Microsoft 365'],
  ...[
    'Outlook',
    'Teams',
    'OneDrive',
    'SharePoint',
    'EPAM',
    'EPAM SSO',
    'EPAM Systems',
    'GitHub',
    'GitLab',
    'Atlassian',
  ],
  ...['Jira', 'Bitbucket', 'Facebook', 'Meta', 'Instagram', 'WhatsApp', 'Twitter', 'TikTok', 'Amazon', 'AWS', 'PayPal'],
  ...[
    'Stripe',
    'Slack',
    'Zoom',
    'Dropbox',
    'Salesforce',
    'Yahoo',
    'Keycloak',
    'OneLogin',
    'Ping Identity',
    'Duo',
    'LINE',
  ],
]

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
