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
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.io.onnx.proto.FunctionProto;
import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.SparseTensorProto;
import dev.fusewright.io.onnx.proto.TensorAnnotation;
import dev.fusewright.io.onnx.proto.TensorShapeProto;
import dev.fusewright.io.onnx.proto.TypeProto;
import dev.fusewright.io.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads scopes: GraphProtos, and the inner side of FunctionProtos. */
final class ScopeReader {
  private final ScanContext scan;
  private final NodeReader nodes;

  ScopeReader(ScanContext scan) {
    this.scan = scan;
    this.nodes = new NodeReader(scan, this);
  }

  /** What is collected while walking one scope. */
  private static final class Draft {
    final List<Part> parts = new ArrayList<>();
    final List<Node> nodes = new ArrayList<>();
    final List<Initializer> initializers = new ArrayList<>();
    final List<ValueInfo> inputs = new ArrayList<>();
    final List<ValueInfo> outputs = new ArrayList<>();
    final List<ValueInfo> valueInfos = new ArrayList<>();
    final List<String> annotations = new ArrayList<>();
    final List<String> sparse = new ArrayList<>();

    Graph graph(String name) {
      return new Graph(name, nodes, initializers, inputs, outputs, valueInfos, annotations, sparse);
    }
  }

  /**
   * Reads the GraphProto in {@code [start, end)}, and leaves the cursor at its end.
   *
   * @param depth of this message; the model's is 1
   */
  ScopeLayout graph(long start, long end, int depth) {
    requireDepth(start, depth);
    WireCursor cursor = scan.cursor;
    Draft draft = new Draft();
    String name = "";
    cursor.seek(start);
    while (cursor.next(end)) {
      Role role = cursor.isDelimited() ? Role.ofGraphField(cursor.field()) : Role.OTHER;
      if (cursor.isDelimited(GraphProto.NAME_FIELD_NUMBER)) {
        name = text();
      }
      part(draft, role, depth);
    }
    ScopeLayout scope = finish(draft, name, start, end);
    scan.index.scope(scope);
    return scope;
  }

  /**
   * Reads the FunctionProto in {@code [start, end)} and enters it into the index.
   *
   * @param field the whole field of the model
   */
  Function function(Part field, int depth) {
    requireDepth(field.payload(), depth);
    WireCursor cursor = scan.cursor;
    Draft draft = new Draft();
    Gathered small = new Gathered(cursor, field.payload());
    Map<String, Attribute> defaults = new LinkedHashMap<>();
    cursor.seek(field.payload());
    while (cursor.next(field.end())) {
      switch (cursor.field()) {
        case FunctionProto.NAME_FIELD_NUMBER,
            FunctionProto.DOMAIN_FIELD_NUMBER,
            FunctionProto.OVERLOAD_FIELD_NUMBER,
            FunctionProto.ATTRIBUTE_FIELD_NUMBER,
            FunctionProto.OPSET_IMPORT_FIELD_NUMBER ->
            small.addField();
        default -> {}
      }
      if (cursor.isDelimited(FunctionProto.ATTRIBUTE_PROTO_FIELD_NUMBER)) {
        long start = cursor.tagStart();
        long payload = cursor.payload();
        long end = cursor.payloadEnd();
        AttributeReader.Named parameter = nodes.parameter(payload, end, depth + 1);
        if (defaults.put(parameter.name(), parameter.value()) != null) {
          throw cursor.malformed(
              payload, "each attribute once", "'" + parameter.name() + "' a second time");
        }
        addPart(draft, Role.OTHER, start, payload, end, null);
        cursor.seek(end);
        continue;
      }
      Role role = cursor.isDelimited() ? Role.ofFunctionField(cursor.field()) : Role.OTHER;
      if (role == Role.INPUT || role == Role.OUTPUT) {
        ValueInfo value =
            ValueInfo.untyped(
                scan.name(
                    ByteString.copyFrom(cursor.copy(cursor.payload(), cursor.payloadEnd())),
                    cursor.tagStart()));
        scan.budget.charge(ScanBudget.MESSAGE, value.name().length(), cursor.tagStart());
        (role == Role.INPUT ? draft.inputs : draft.outputs).add(value);
        add(draft, role, value);
      } else {
        part(draft, role, depth);
      }
    }
    FunctionProto proto = small.parse(FunctionProto.parser());
    scan.budget.charge(ScanBudget.NODE, small.length(), field.payload());
    ScopeLayout scope = finish(draft, proto.getName(), field.payload(), field.end());
    scan.index.function(scope);
    return new Function(
        new OpKind(proto.getDomain(), proto.getName()),
        proto.getOverload(),
        proto.getAttributeList(),
        defaults,
        ModelReader.opsets(proto.getOpsetImportList()),
        scope.graph());
  }

  private void requireDepth(long position, int depth) {
    if (depth > scan.limits.depth()) {
      throw scan.cursor.tooDeep(position);
    }
  }

  private ScopeLayout finish(Draft draft, String name, long start, long end) {
    scan.cursor.seek(end);
    return new ScopeLayout(draft.graph(name), start, end, List.copyOf(draft.parts));
  }

  /** Reads the cursor's current field as {@code role}. */
  private void part(Draft draft, Role role, int depth) {
    WireCursor cursor = scan.cursor;
    long start = cursor.tagStart();
    long payload = cursor.payload();
    long end = cursor.payloadEnd();
    Object element =
        switch (role) {
          case NODE -> {
            Node node = nodes.read(payload, end, depth + 1);
            scan.index.node(new Part(role, start, payload, end, node), node);
            yield keep(draft.nodes, node);
          }
          case INITIALIZER -> keep(draft.initializers, initializer(payload, end));
          case SPARSE_INITIALIZER -> keep(draft.sparse, sparse(payload, end));
          case INPUT -> keep(draft.inputs, value(payload, end));
          case OUTPUT -> keep(draft.outputs, value(payload, end));
          case VALUE_INFO -> keep(draft.valueInfos, value(payload, end));
          case ANNOTATION -> keep(draft.annotations, annotated(payload, end));
          case OTHER -> null;
        };
    addPart(draft, role, start, payload, end, element);
    cursor.seek(end);
  }

  private static <T> T keep(List<T> list, T element) {
    list.add(element);
    return element;
  }

  private void add(Draft draft, Role role, Object element) {
    addPart(
        draft,
        role,
        scan.cursor.tagStart(),
        scan.cursor.payload(),
        scan.cursor.payloadEnd(),
        element);
  }

  /** Fields that are only copied are joined, so that a file full of them makes one part. */
  private void addPart(
      Draft draft, Role role, long start, long payload, long end, @Nullable Object element) {
    int last = draft.parts.size() - 1;
    if (role == Role.OTHER && last >= 0 && draft.parts.get(last).role() == Role.OTHER) {
      Part before = draft.parts.get(last);
      draft.parts.set(last, new Part(role, before.start(), before.start(), end, null));
      return;
    }
    scan.budget.charge(ScanBudget.RANGE, 0, start);
    draft.parts.add(new Part(role, start, payload, end, element));
  }

  private String text() {
    byte[] bytes = scan.cursor.copy(scan.cursor.payload(), scan.cursor.payloadEnd());
    scan.budget.charge(ScanBudget.MESSAGE, bytes.length, scan.cursor.tagStart());
    return scan.name(ByteString.copyFrom(bytes), scan.cursor.tagStart());
  }

  private Initializer initializer(long start, long end) {
    TensorHeader header = scan.tensors.read(start, end, "initializer");
    if (header.external() != null) {
      scan.index.external(header.tensor(), header.external());
    }
    return new Initializer(header.name(), header.tensor());
  }

  /** Reads a SparseTensorProto, for its external data and its name, which is that of its values. */
  String sparse(long start, long end) {
    String name = "";
    WireCursor cursor = scan.cursor;
    cursor.seek(start);
    while (cursor.next(end)) {
      if (cursor.isDelimited(SparseTensorProto.VALUES_FIELD_NUMBER)
          || cursor.isDelimited(SparseTensorProto.INDICES_FIELD_NUMBER)) {
        int field = cursor.field();
        TensorHeader header =
            scan.tensors.read(cursor.payload(), cursor.payloadEnd(), "sparse initializer");
        if (header.external() != null) {
          scan.index.external(null, header.external());
        }
        name = field == SparseTensorProto.VALUES_FIELD_NUMBER ? header.name() : name;
      }
    }
    return name;
  }

  private String annotated(long start, long end) {
    scan.budget.charge(ScanBudget.MESSAGE, end - start, start);
    TensorAnnotation annotation =
        Gathered.parse(TensorAnnotation.parser(), scan.cursor.copy(start, end), scan.cursor, start);
    return scan.name(annotation.getTensorNameBytes(), start);
  }

  private ValueInfo value(long start, long end) {
    scan.budget.charge(ScanBudget.MESSAGE, end - start, start);
    ValueInfoProto proto =
        Gathered.parse(ValueInfoProto.parser(), scan.cursor.copy(start, end), scan.cursor, start);
    String name = scan.name(proto.getNameBytes(), start);
    TypeProto.Tensor type = proto.getType().getTensorType();
    if (!proto.getType().hasTensorType()) {
      return ValueInfo.container(name, container(proto.getType()));
    }
    ElementType elements = ElementType.ofNumber(type.getElemType()).orElse(ElementType.UNDEFINED);
    return new ValueInfo(
        name,
        elements,
        type.hasShape()
            ? type.getShape().getDimList().stream().map(ScopeReader::dim).toList()
            : null);
  }

  /** A type that is no tensor's, without the extents of what is in it. */
  private static String container(TypeProto type) {
    return switch (type.getValueCase()) {
      case TENSOR_TYPE -> elements(type.getTensorType().getElemType());
      case SPARSE_TENSOR_TYPE ->
          "sparse(%s)".formatted(elements(type.getSparseTensorType().getElemType()));
      case SEQUENCE_TYPE ->
          "sequence(%s)".formatted(container(type.getSequenceType().getElemType()));
      case OPTIONAL_TYPE ->
          "optional(%s)".formatted(container(type.getOptionalType().getElemType()));
      case MAP_TYPE ->
          "map(%s,%s)"
              .formatted(
                  elements(type.getMapType().getKeyType()),
                  container(type.getMapType().getValueType()));
      case OPAQUE_TYPE ->
          "opaque(%s,%s)"
              .formatted(type.getOpaqueType().getDomain(), type.getOpaqueType().getName());
      case VALUE_NOT_SET -> "";
    };
  }

  private static String elements(int number) {
    return ElementType.ofNumber(number).map(ElementType::text).orElse("type " + number);
  }

  private static Dim dim(TensorShapeProto.Dimension dim) {
    if (dim.hasDimValue()) {
      return Dim.of(dim.getDimValue());
    }
    return dim.getDimParam().isEmpty() ? new Dim.Unknown() : new Dim.Symbolic(dim.getDimParam());
  }
}
