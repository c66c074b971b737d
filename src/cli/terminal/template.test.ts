import assert from "node:assert/strict";
import { test } from "node:test";
import { compileTemplate, renderTemplate } from "./template.ts";

const value = {
  Name: "web",
  Count: 2,
  On: true,
  Off: false,
  None: null,
  Empty: [],
  List: ["a", "b"],
  Map: { y: 2, x: 1 },
  Nets: { bridge: { IP: "10.0.0.2" }, other: { IP: "10.1.0.2" } },
  Ports: { "80/tcp": [{ HostPort: "8080" }], "443/tcp": null },
};

const everything =
  "map[Count:2 Empty:[] List:[a b] Map:map[x:1 y:2] Name:web Nets:map[bridge:map[IP:10.0.0.2] " +
  "other:map[IP:10.1.0.2]] None:<nil> Off:false On:true Ports:map[443/tcp:<nil> 80/tcp:[map[HostPort:8080]]]]";

const facts: readonly (readonly [string, string])[] = [
  ["plain", "plain"],
  ["{{.Name}}-{{ .Count }}", "web-2"],
  ["{{.}}", everything],
  ["{{json .List}} {{.Map | json}}", '["a","b"] {"y":2,"x":1}'],
  ["{{range .List}}<{{.}}>{{end}}", "<a><b>"],
  ["{{range $i, $e := .List}}{{$i}}{{$e}}{{end}}", "0a1b"],
  ["{{range $k, $v := .Map}}{{$k}}={{$v}} {{end}}", "x=1 y=2 "],
  ["{{range .Nets}}{{.IP}} {{$.Name}},{{end}}", "10.0.0.2 web,10.1.0.2 web,"],
  ["{{range .Empty}}x{{else}}none{{end}}", "none"],
  ["{{range $p, $b := .Ports}}{{if $b}}{{$p}}:{{(index $b 0).HostPort}}{{end}}{{end}}", "80/tcp:8080"],
  ['{{(index (index .Ports "80/tcp") 0).HostPort}}', "8080"],
  ['{{index .Map "x"}}{{index .Map "z"}}', "1"],
  ["{{if .On}}yes{{else}}no{{end}}{{if .Off}}yes{{else}}no{{end}}", "yesno"],
  ["{{if .Off}}a{{else if .On}}b{{else}}c{{end}}", "b"],
  ['{{if and .On (eq .Name "web")}}both{{end}}', "both"],
  ["{{and .Count .None}}{{or .Off .None}}", "<nil><nil>"],
  ["{{if not .None}}nothing{{end}} {{or .Empty .Count}}", "nothing 2"],
  ["{{with .Map}}{{.x}}{{end}}", "1"],
  ['{{join .List ","}} {{upper .Name}} {{len .List}} {{truncate .Name 2}}', "a,b WEB 2 we"],
  ["a  {{- .Count -}}  b {{println .Count}}", "a2b 2\n"],
  ["{{/* said to nobody */}}x", "x"],
];

test("a template is rendered as Go renders it", () => {
  for (const [template, expected] of facts) assert.equal(renderTemplate(template, value), expected, template);
});

const refused = [
  "{{.Name",
  "{{.Nothing}}",
  "{{.Name.More}}",
  "{{nothing .Name}}",
  "{{range .List}}",
  "{{end}}",
  "{{if}}x{{end}}",
  "{{.Name | }}",
  "{{(.Name}}",
  "{{.Name)}}",
  "{{index .List 5}}",
  "{{range .Name}}x{{end}}",
  "{{$nobody}}",
  "{{.Name .Count}}",
  "{{#}}",
  "{{index}}",
  "{{len .List .Name}}",
  '{{join .Name ","}}',
  "{{pad .Name -1 1}}",
  '{{"\\q"}}',
];

test("what is no template, or asks for what is not there, is refused", () => {
  for (const template of refused)
    assert.throws(() => renderTemplate(template, value), { kind: "invalid", message: /^cannot/ }, template);
});

test("what is no template is refused before there is anything to print", () => {
  for (const template of [
    "{{",
    "{{nothing .Name}}",
    "{{range .List}}",
    "{{lower}}",
    "{{if .A}}{{nothing}}{{end}}",
  ])
    assert.throws(() => compileTemplate(template), { kind: "invalid", message: /^cannot parse the format/ });
});
