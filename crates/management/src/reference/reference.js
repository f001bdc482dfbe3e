// Draws /openapi.json. Texts are set as text, never as HTML.
"use strict";

const make = (name, text, kind) => {
  const element = document.createElement(name);
  // Texts come with `code` between backticks; nothing of them is ever read as HTML.
  if (text !== undefined) {
    String(text).split("`").forEach((part, at) => {
      const piece = document.createElement(at % 2 ? "code" : "span");
      piece.textContent = part;
      if (part) element.append(piece);
    });
  }
  if (kind) element.className = kind;
  return element;
};

const resolve = (description, schema) => {
  if (!schema || !schema.$ref) return schema || {};
  return description.components.schemas[schema.$ref.split("/").pop()] || {};
};

const nameOf = (schema) => {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  const options = schema.oneOf || schema.anyOf;
  if (options) return options.map(nameOf).join(" | ");
  if (schema.type === "array") return nameOf(schema.items) + "[]";
  return [].concat(schema.type || "any").join(" | ") + (schema.format ? " (" + schema.format + ")" : "");
};

const propertiesOf = (description, schema) => {
  const found = resolve(description, schema);
  const parts = (found.allOf || []).map((part) => propertiesOf(description, part));
  const required = new Set(found.required || []);
  const own = Object.entries(found.properties || {}).map(([name, value]) => [name, value, required.has(name)]);
  return parts.flat().concat(own);
};

const inner = (description, schema) => {
  if (!schema) return null;
  const options = (schema.oneOf || schema.anyOf || []).filter((option) => option.type !== "null");
  if (options.length === 1) return inner(description, options[0]);
  if (schema.type === "array") return inner(description, schema.items);
  return propertiesOf(description, schema).length > 0 ? schema : null;
};

const fields = (description, schema, depth) => {
  const holder = make("div");
  const table = make("table");
  for (const [name, value, required] of propertiesOf(description, schema)) {
    const row = table.insertRow();
    row.append(make("td", name + (required ? "" : "?")), make("td", nameOf(value)));
    const cell = make("td", value.description || resolve(description, value).description || "", "text");
    const deeper = depth < 4 ? inner(description, value) : null;
    if (deeper) {
      const details = make("details");
      details.append(make("summary", nameOf(deeper)), fields(description, deeper, depth + 1));
      cell.append(details);
    }
    row.append(cell);
  }
  holder.append(table);
  return holder;
};

const body = (description, title, content) => {
  const holder = make("div");
  const [type, media] = Object.entries(content || {})[0] || [];
  if (!type) return holder;
  holder.append(make("h4", title + " · " + type + (media.schema ? " · " + nameOf(media.schema) : "")));
  const shown = inner(description, media.schema);
  if (shown) holder.append(fields(description, shown, 0));
  return holder;
};

const section = (description, path, method, operation) => {
  const element = make("section");
  element.id = operation.operationId;
  const head = make("h3");
  head.append(make("span", method.toUpperCase(), "method"), make("span", path, "path"));
  element.append(head, make("div", operation.summary || ""), make("p", operation.description || "", "text"));
  if ((operation.parameters || []).length > 0) {
    element.append(make("h4", "Parameters"));
    const table = make("table");
    for (const parameter of operation.parameters) {
      const row = table.insertRow();
      const name = parameter.name + (parameter.required ? "" : "?");
      row.append(make("td", name), make("td", parameter.in), make("td", parameter.description || ""));
    }
    element.append(table);
  }
  if (operation.requestBody) element.append(body(description, "Body", operation.requestBody.content));
  const answers = make("table");
  for (const [status, answer] of Object.entries(operation.responses || {})) {
    const row = answers.insertRow();
    row.append(make("td", status), make("td", Object.keys(answer.content || {})[0] || ""), make("td", answer.description || ""));
    if (status.startsWith("2")) element.append(body(description, "Answer " + status, answer.content));
  }
  element.append(make("h4", "Statuses"), answers);
  return element;
};

const draw = (description) => {
  const about = "Version " + description.info.version + "\n" + (description.info.description || "");
  document.getElementById("about").replaceChildren(make("span", about));
  const contents = document.getElementById("contents");
  const endpoints = document.getElementById("endpoints");
  const tags = new Map();
  for (const [path, item] of Object.entries(description.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const tag = (operation.tags || ["Other"])[0];
      if (!tags.has(tag)) tags.set(tag, []);
      tags.get(tag).push([path, method, operation]);
    }
  }
  const entries = [];
  for (const [tag, operations] of tags) {
    contents.append(make("h2", tag));
    endpoints.append(make("h2", tag));
    for (const [path, method, operation] of operations) {
      const link = make("a", operation.summary || path);
      link.href = "#" + operation.operationId;
      const element = section(description, path, method, operation);
      contents.append(link);
      endpoints.append(element);
      entries.push([link, element, (element.textContent || "").toLowerCase()]);
    }
  }
  document.getElementById("find").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const [link, element, text] of entries) {
      link.hidden = element.hidden = !text.includes(wanted);
    }
  });
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
};

fetch("/openapi.json")
  .then((answer) => answer.json())
  .then(draw)
  .catch((error) => {
    document.getElementById("about").textContent = "The description could not be loaded: " + error;
  });
