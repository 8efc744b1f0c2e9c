"use strict";
// Draws the contract that stands in this very page. Text only ever becomes text: nothing is parsed as HTML.

const contract = JSON.parse(document.getElementById("contract").textContent);
const DEEPEST = 5;
const LONGEST_PATTERN = 60;

/** An element with attributes and children; children that are null are left out. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** A text in which what stands between backticks is code. */
const prose = (text) => text.split("`").map((part, index) => (index % 2 ? make("code", null, part) : part));

const named = (reference) => reference.split("/").pop();

/** What a reference stands for, with the members that stand beside it. */
function resolved(node) {
  if (!node || !node.$ref) return node || {};
  const { $ref, ...beside } = node;
  const target = $ref.split("/").slice(1).reduce((at, step) => at[step], contract);
  return { ...resolved(target), ...beside };
}

/** `a | null` is shown as `a`, which may be null. */
function unwrapped(schema) {
  const whole = resolved(schema);
  const options = whole.anyOf || whole.oneOf;
  if (!options) return { schema: whole, nullable: false };
  const others = options.filter((option) => option.type !== "null");
  const nullable = others.length < options.length;
  if (others.length !== 1) return { schema: whole, nullable };
  const { anyOf, oneOf, ...beside } = whole;
  return { schema: { ...resolved(others[0]), ...beside }, nullable };
}

function range(low, high, unit) {
  if (low !== undefined && high !== undefined) return `${low} to ${high}${unit}`;
  if (low !== undefined) return `from ${low}${unit}`;
  return high !== undefined ? `up to ${high}${unit}` : null;
}

/** One line on what values a schema takes. */
function inWords(given) {
  const { schema, nullable } = unwrapped(given);
  const options = schema.anyOf || schema.oneOf;
  const kind = options
    ? options.map(inWords).join(" or ")
    : schema.type === "array" ? `list of ${inWords(schema.items || {})}` : [schema.type || "any"].flat().join(" or ");
  const facts = [
    kind + (schema.format ? ` (${schema.format})` : ""),
    nullable ? "or null" : null,
    schema.enum && `one of ${schema.enum.join(", ")}`,
    schema.const !== undefined ? `always ${schema.const}` : null,
    range(schema.minimum, schema.maximum, ""),
    range(schema.minLength, schema.maxLength, " characters"),
    range(schema.minItems, schema.maxItems, " items"),
    schema.pattern && schema.pattern.length <= LONGEST_PATTERN ? `matches ${schema.pattern}` : null,
    schema.examples && !schema.properties ? `such as ${schema.examples.join(", ")}` : null,
    schema.default !== undefined && schema.default !== null ? `default ${JSON.stringify(schema.default)}` : null,
  ];
  return facts.filter(Boolean).join(" · ");
}

/** The object within a schema whose members are worth showing, if there is one. */
function objectIn(given) {
  const { schema } = unwrapped(given);
  if (schema.properties) return schema;
  return schema.type === "array" ? objectIn(schema.items || {}) : null;
}

function members(schema, depth) {
  const required = new Set(schema.required || []);
  const rows = Object.entries(schema.properties || {}).map(([name, member]) => {
    const inner = depth < DEEPEST ? objectIn(member) : null;
    const { schema: whole } = unwrapped(member);
    return make("tr", null,
      make("td", null, make("code", null, name), required.has(name) ? make("span", { class: "must" }, "required") : null),
      make("td", null,
        make("div", { class: "type" }, inWords(member)),
        whole.description ? make("div", null, prose(whole.description)) : null,
        inner ? make("details", null, make("summary", null, "members"),
          make("div", { class: "nested" }, members(inner, depth + 1))) : null));
  });
  return make("table", null, rows);
}

const pretty = (value) => make("pre", null, make("code", null, JSON.stringify(value, null, 2)));

/** The first example of a media type. */
function exampleOf(content) {
  if (!content) return undefined;
  if (content.example !== undefined) return content.example;
  return (resolved(content.schema).examples || [])[0];
}

function parametersOf(operation) {
  if (!operation.parameters.length) return null;
  const rows = operation.parameters.map((parameter) => make("tr", null,
    make("td", null, make("code", null, parameter.name),
      parameter.required ? make("span", { class: "must" }, "required") : null),
    make("td", null,
      make("div", { class: "type" }, `${parameter.in} · ${inWords(parameter.schema)}`),
      parameter.description ? make("div", null, prose(parameter.description)) : null)));
  return [make("h4", null, "Parameters"), make("table", { class: "parameters" }, rows)];
}

function bodyOf(operation) {
  const content = operation.requestBody && operation.requestBody.content["application/json"];
  if (!content) return null;
  const schema = resolved(content.schema);
  if (!Object.keys(schema.properties || {}).length) return null;
  return [
    make("h4", null, operation.requestBody.required ? "Body" : "Body (may be left out)"),
    schema.description ? make("p", { class: "more" }, prose(schema.description)) : null,
    make("div", { class: "body" }, members(schema, 0)),
  ];
}

/** How the call looks on a command line, with the contract's own examples. */
function curl(method, path, operation) {
  const sample = (parameter) => parameter.example ?? (parameter.schema.examples || [])[0] ?? `{${parameter.name}}`;
  const filled = operation.parameters.filter((each) => each.in === "path")
    .reduce((text, each) => text.replace(`{${each.name}}`, sample(each)), path);
  const query = operation.parameters.filter((each) => each.in === "query" && each.required)
    .map((each) => `${each.name}=${encodeURIComponent(sample(each))}`).join("&");
  const lines = [`curl -X ${method} "$API${filled}${query ? `?${query}` : ""}"`];
  if (operation.security.length) lines.push('-H "Authorization: Bearer $TOKEN"');
  for (const each of operation.parameters.filter((one) => one.in === "header")) {
    if (each.required || each.name === "Idempotency-Key") lines.push(`-H '${each.name}: ${sample(each)}'`);
  }
  const body = operation.requestBody && exampleOf(operation.requestBody.content["application/json"]);
  if (body && Object.keys(body).length) lines.push(`--json '${JSON.stringify(body, null, 2).replaceAll("\n", "\n  ")}'`);
  return make("pre", { class: "curl" }, make("code", null, lines.join(" \\\n  ")));
}

function answersOf(operation) {
  const rows = Object.entries(operation.responses).map(([status, given]) => {
    const answer = resolved(given);
    const [mediaType, content] = Object.entries(answer.content || {})[0] || [];
    const good = status < "400";
    const codes = (((content && content.schema.allOf) || [])[1]?.properties?.code?.enum || []);
    const object = good && content ? objectIn(content.schema) : null;
    const example = good ? exampleOf(content) : undefined;
    const links = Object.keys(answer.links || {});
    return make("tr", null,
      make("td", null, make("span", { class: good ? "status good" : "status" }, status)),
      make("td", null,
        codes.length ? codes.map((code) => make("span", { class: "chip" }, code))
          : make("span", { class: "type" }, good ? `${answer.description}${mediaType ? ` · ${mediaType}` : ""}` : answer.description),
        object ? make("details", null, make("summary", null, content.schema.$ref ? named(content.schema.$ref) : "members"),
          make("div", { class: "nested" }, members(object, 0))) : null,
        example !== undefined ? make("details", null, make("summary", null, "example"), pretty(example)) : null,
        links.length ? make("div", { class: "type" }, "leads to ",
          links.map((link, index) => [index ? ", " : "", make("a", { href: `#${link}` }, link)])) : null));
  });
  return [make("h4", null, "Answers"), make("table", { class: "answers" }, rows)];
}

function article(method, path, operation) {
  return make("article", { id: operation.operationId, "data-method": method, "data-path": path },
    make("header", null,
      make("span", { class: `method ${method.toLowerCase()}` }, method),
      make("code", null, path),
      make("span", { class: "guard" }, operation.security.length ? "bearer token" : "no token needed")),
    make("div", { class: "inside" },
      make("p", { class: "summary" }, prose(operation.summary)),
      operation.description ? make("p", { class: "more" }, prose(operation.description)) : null,
      curl(method, path, operation),
      parametersOf(operation),
      bodyOf(operation),
      answersOf(operation)));
}

function entryFor(method, path, operation) {
  return make("li", { "data-text": `${method} ${path} ${operation.operationId} ${operation.summary}`.toLowerCase() },
    make("a", { href: `#${operation.operationId}`, title: path },
      make("span", { class: `method ${method.toLowerCase()}` }, method),
      make("span", null, operation.operationId)));
}

function draw() {
  const { info, paths, components } = contract;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [method.toUpperCase(), path, operation]));
  const tags = (contract.tags || []).map((tag) => tag.name);
  document.getElementById("version").textContent = info.version;
  const main = document.getElementById("top"), index = document.getElementById("index");
  main.replaceChildren(
    make("h1", null, `${info.title} API`),
    make("p", { class: "lead" }, info.summary),
    make("p", null, "The contract as a file: ", make("a", { href: "openapi.json" }, "openapi.json"),
      `, OpenAPI ${contract.openapi}, ${operations.length} operations.`));
  for (const tag of tags) {
    const own = operations.filter(([, , operation]) => operation.tags.includes(tag));
    const about = contract.tags.find((each) => each.name === tag).description;
    index.append(make("h2", null, tag), make("ul", null, own.map((each) => entryFor(...each))));
    main.append(make("h2", { class: "tag" }, tag), make("p", { class: "more" }, about), ...own.map((each) => article(...each)));
  }
  main.append(make("h2", { class: "tag", id: "problems" }, "problems"),
    make("p", { class: "more" }, prose(components.schemas.Problem.description)), members(components.schemas.Problem, 0));
}

function filter(event) {
  const wanted = event.target.value.trim().toLowerCase();
  for (const entry of document.querySelectorAll("nav li")) entry.hidden = !entry.dataset.text.includes(wanted);
}

draw();
document.getElementById("filter").addEventListener("input", filter);
