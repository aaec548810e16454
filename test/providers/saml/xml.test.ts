import { DOMParser } from '@xmldom/xmldom'
import { describe, expect, it } from 'vitest'
import { ExclusiveCanonicalization } from 'xml-crypto'
import { canonical } from '../../../providers/saml/xml/canonical.ts'
import { readXml } from '../../../providers/saml/xml/xml.ts'

const limits = { depth: 64, elements: 100, attributes: 100 }
const read = (text: string) => readXml(text, limits).root

/** The library's canonicalization: both must agree on every byte. */
function byLibrary(text: string, inclusive: readonly string[] = []): string {
  const element = new DOMParser().parseFromString(text, 'text/xml').documentElement
  if (element === null) throw new Error('no element')
  return `${new ExclusiveCanonicalization().process(element, { inclusiveNamespacesPrefixList: [...inclusive] })}`
}

describe('exclusive canonicalisation', () => {
  it.each([
    '<a/>',
    '<a xmlns="urn:a"><b/><c xmlns="urn:c"><d xmlns="urn:a"/></c></a>',
    '<p:a xmlns:p="urn:p" xmlns:q="urn:q"><q:b q:x="1" p:y="2" z="3"/><b/></p:a>',
    '<p:a xmlns:p="urn:p"><p:b xmlns:p="urn:other"><p:c/></p:b><p:d/></p:a>',
    '<a z="1" b="2" A="3" xmlns:y="urn:y" y:b="4" xmlns:x="urn:x" x:b="5"/>',
    `<a b='"quoted" &lt;&amp;&#9;&#10;' c="'">&lt;text&gt; &amp; &quot;more&quot; &#xe9;🜨</a>`,
    '<a>\n  <b>  spaces  </b>\n</a>',
    '<Response xmlns="urn:p"><Assertion xmlns="urn:a" ID="_1"><Signature xmlns="urn:s"><SignedInfo/></Signature></Assertion></Response>',
    '<a xmlns:xs="urn:xs" xmlns:xsi="urn:xsi"><b xsi:type="xs:string">x</b></a>',
    '<a xml:lang="en" xmlns:unused="urn:u"><b xmlns:unused="urn:v"/></a>',
    '<p:a xmlns:p="urn:p" xmlns="urn:d"><b><p:c/><c xmlns=""/></b></p:a>',
  ])('agrees with xml-crypto on %s', (text) => {
    expect(canonical(read(text))).toBe(byLibrary(text))
  })

  it('agrees with xml-crypto on inclusive prefixes', () => {
    const text = '<p:a xmlns:p="urn:p" xmlns:xs="urn:xs"><p:b xmlns:q="urn:q" t="xs:string"/></p:a>'
    expect(canonical(read(text), { inclusive: ['xs'] })).toBe(byLibrary(text, ['xs']))
  })
})

describe('the strict reading of XML', () => {
  it.each([
    ['<a', 'XML'],
    ['<a></b>', 'XML'],
    ['<a><b></a></b>', 'XML'],
    ['<a b=c/>', 'XML'],
    ['<a b="1" b="2"/>', 'XML'],
    ['<a b="<"/>', 'XML'],
    ['<a>]]></a>', 'XML'],
    ['<a>&nbsp;</a>', 'XML'],
    ['<a>&</a>', 'XML'],
    ['<a>&#0;</a>', 'XML'],
    ['<a>&#xD800;</a>', 'XML'],
    ['<p:a/>', 'XML'],
    ['<a p:b=""/>', 'XML'],
    ['<a xmlns:p=""/>', 'XML'],
    ['<a xmlns:xml="urn:x"/>', 'XML'],
    ['<a xmlns:p="http://www.w3.org/2000/xmlns/"/>', 'XML'],
    ['<a:b:c/>', 'XML'],
    ['<1/>', 'XML'],
    ['< a/>', 'XML'],
    ['', 'XML'],
    ['\uFEFF<a/>', 'XML'],
    ['<a>\u0001</a>', 'characters'],
    ['<a/><b/>', 'root elements'],
    ['<a><!-- --></a>', 'comments'],
    ['<a/><!-- -->', 'comments'],
    ['<a><?x?></a>', 'processing instructions'],
    [' <?xml version="1.0"?><a/>', 'XML declaration'],
    ['<?xml version="2.0"?><a/>', 'XML declaration'],
    ['<a><![CDATA[]]></a>', 'CDATA sections'],
    ['<!DOCTYPE a><a/>', 'document type'],
  ])('refuses %j', (text, what) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ what }))
  })

  it('knows prefixes, entities and places', () => {
    const { root, text } = readXml('<p:a xmlns:p="urn:p" x="&#x41;&amp;"><b>é</b>\r\n</p:a>', limits)
    expect([root.local, root.namespace, root.attributes[0]?.value]).toEqual(['a', 'urn:p', 'A&'])
    expect(text.slice(root.start, root.end)).toBe('<p:a xmlns:p="urn:p" x="&#x41;&amp;"><b>é</b>\n</p:a>')
  })
})
