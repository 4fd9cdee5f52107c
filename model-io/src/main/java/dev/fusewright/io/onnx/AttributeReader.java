/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.io.onnx;

import com.google.protobuf.ByteString;
import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.onnx.proto.AttributeProto;
import dev.fusewright.io.onnx.proto.AttributeProto.AttributeType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads AttributeProtos. Tensors are located, bodies are scanned, long lists and long strings stay
 * in the file: they become {@link Attribute.Opaque}, which no rule reads and the writer copies.
 */
final class AttributeReader {
  private static final int LARGEST_KEPT = 1 << 16;

  /** An attribute with its name. */
  record Named(String name, Attribute value) {}

  /** A sub-message of an attribute. */
  private record Span(long start, long end) {}

  private final ScanContext scan;
  private final ScopeReader scopes;

  AttributeReader(ScanContext scan, ScopeReader scopes) {
    this.scan = scan;
    this.scopes = scopes;
  }

  /** Reads the AttributeProto in {@code [start, end)}, and leaves the cursor at its end. */
  Named read(long start, long end, int depth) {
    Named named = parse(start, end, depth);
    scan.cursor.seek(end);
    if (named.value() instanceof Attribute.Opaque opaque) {
      scan.index.opaque(opaque, new Part(Role.OTHER, start, start, end, null));
    }
    return named;
  }

  private Named parse(long start, long end, int depth) {
    WireCursor cursor = scan.cursor;
    Gathered heads = new Gathered(cursor, start);
    Gathered values = new Gathered(cursor, start);
    List<Span> tensors = new ArrayList<>(0);
    List<Span> graphs = new ArrayList<>(0);
    List<Span> opaqueTensors = new ArrayList<>(0);
    List<Span> sparseTensors = new ArrayList<>(0);
    cursor.seek(start);
    while (cursor.next(end)) {
      switch (cursor.field()) {
        case AttributeProto.NAME_FIELD_NUMBER,
            AttributeProto.TYPE_FIELD_NUMBER,
            AttributeProto.REF_ATTR_NAME_FIELD_NUMBER ->
            heads.addField();
        case AttributeProto.T_FIELD_NUMBER -> addOnly(tensors, start);
        case AttributeProto.G_FIELD_NUMBER -> addOnly(graphs, start);
        case AttributeProto.GRAPHS_FIELD_NUMBER -> add(graphs);
        case AttributeProto.TENSORS_FIELD_NUMBER -> add(opaqueTensors);
        case AttributeProto.SPARSE_TENSOR_FIELD_NUMBER,
            AttributeProto.SPARSE_TENSORS_FIELD_NUMBER ->
            add(sparseTensors);
        case AttributeProto.F_FIELD_NUMBER,
            AttributeProto.I_FIELD_NUMBER,
            AttributeProto.S_FIELD_NUMBER,
            AttributeProto.FLOATS_FIELD_NUMBER,
            AttributeProto.INTS_FIELD_NUMBER,
            AttributeProto.STRINGS_FIELD_NUMBER ->
            values.addField();
        default -> {}
      }
    }
    opaqueTensors.forEach(
        span -> noteExternal(scan.tensors.read(span.start, span.end, "tensor attribute")));
    sparseTensors.forEach(sparse -> scopes.sparse(sparse.start, sparse.end));
    AttributeProto head = heads.parse(AttributeProto.parser());
    String name = scan.name(head.getNameBytes(), start);
    scan.budget.charge(ScanBudget.MESSAGE, heads.length(), start);
    if (!head.getRefAttrName().isEmpty()) {
      return new Named(name, new Attribute.Reference(head.getRefAttrName(), typeOf(head)));
    }
    boolean isLarge = values.length() > LARGEST_KEPT;
    AttributeProto value =
        isLarge ? AttributeProto.getDefaultInstance() : values.parse(AttributeProto.parser());
    AttributeType type =
        head.hasType() && head.getType() != AttributeType.UNDEFINED
            ? head.getType()
            : guess(value, tensors, graphs);
    if (isLarge) {
      return new Named(
          name, new Attribute.Opaque(type + " of " + Amounts.count(values.length(), "byte")));
    }
    scan.budget.charge(0, values.length(), start);
    Attribute attribute =
        switch (type) {
          case FLOAT -> new Attribute.Real(value.getF());
          case INT -> new Attribute.Int(value.getI());
          case STRING -> text(value.getS());
          case FLOATS -> new Attribute.Reals(value.getFloatsList());
          case INTS -> new Attribute.Ints(value.getIntsList());
          case STRINGS -> texts(value.getStringsList());
          case TENSOR -> tensors.isEmpty() ? opaque(type) : tensor(tensors.get(0));
          case GRAPH ->
              graphs.isEmpty() ? opaque(type) : new Attribute.Body(body(graphs.get(0), depth));
          case GRAPHS ->
              new Attribute.Bodies(graphs.stream().map(graph -> body(graph, depth)).toList());
          case UNDEFINED, SPARSE_TENSOR, TYPE_PROTO, TENSORS, SPARSE_TENSORS, TYPE_PROTOS ->
              opaque(type);
        };
    return new Named(name, attribute);
  }

  private static String typeOf(AttributeProto head) {
    return head.hasType() && head.getType() != AttributeType.UNDEFINED
        ? head.getType().name().toLowerCase(Locale.ROOT)
        : "";
  }

  /** Models of the first IR versions do not say the type. */
  private static AttributeType guess(AttributeProto value, List<Span> tensors, List<Span> graphs) {
    if (value.hasF()) {
      return AttributeType.FLOAT;
    } else if (value.hasI()) {
      return AttributeType.INT;
    } else if (value.hasS()) {
      return AttributeType.STRING;
    } else if (!tensors.isEmpty()) {
      return AttributeType.TENSOR;
    } else if (!graphs.isEmpty()) {
      return AttributeType.GRAPH;
    } else if (value.getFloatsCount() > 0) {
      return AttributeType.FLOATS;
    } else if (value.getIntsCount() > 0) {
      return AttributeType.INTS;
    } else {
      return value.getStringsCount() > 0 ? AttributeType.STRINGS : AttributeType.UNDEFINED;
    }
  }

  private void add(List<Span> spans) {
    if (scan.cursor.isDelimited()) {
      scan.budget.charge(ScanBudget.RANGE, 0, scan.cursor.tagStart());
      spans.add(new Span(scan.cursor.payload(), scan.cursor.payloadEnd()));
    }
  }

  /** Protobuf would merge a second one into the first; no writer means that. */
  private void addOnly(List<Span> spans, long start) {
    if (!spans.isEmpty()) {
      throw new UnsupportedFormatException(
          Problem.in(scan.file.path())
              .at(scan.cursor.tagStart())
              .inside("the attribute at byte " + start)
              .expected("one tensor or graph")
              .found("a second one"));
    }
    add(spans);
  }

  private static Attribute.Opaque opaque(AttributeType type) {
    return new Attribute.Opaque(type.name());
  }

  private static Attribute text(ByteString bytes) {
    return bytes.isValidUtf8()
        ? new Attribute.Text(bytes.toStringUtf8())
        : opaque(AttributeType.STRING);
  }

  private static Attribute texts(List<ByteString> strings) {
    return strings.stream().allMatch(ByteString::isValidUtf8)
        ? new Attribute.Texts(strings.stream().map(ByteString::toStringUtf8).toList())
        : opaque(AttributeType.STRINGS);
  }

  /** A tensor that is only copied. */
  private void noteExternal(TensorHeader header) {
    if (header.external() != null) {
      scan.index.external(null, header.external());
    }
  }

  private Attribute tensor(Span span) {
    TensorHeader header = scan.tensors.read(span.start, span.end, "tensor attribute");
    if (header.external() != null) {
      scan.index.external(header.tensor(), header.external());
    }
    return new Attribute.TensorValue(header.tensor());
  }

  private Graph body(Span span, int depth) {
    return scopes.graph(span.start, span.end, depth + 1).graph();
  }
}
