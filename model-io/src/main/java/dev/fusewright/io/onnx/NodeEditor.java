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
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.onnx.proto.AttributeProto;
import dev.fusewright.io.onnx.proto.NodeProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Plans nodes, attributes and tensors that were in the file and have changed: what has not changed
 * is copied.
 */
final class NodeEditor {
  private static final int[] VALUE_FIELDS = {
    AttributeProto.F_FIELD_NUMBER,
    AttributeProto.I_FIELD_NUMBER,
    AttributeProto.S_FIELD_NUMBER,
    AttributeProto.T_FIELD_NUMBER,
    AttributeProto.G_FIELD_NUMBER,
    AttributeProto.TP_FIELD_NUMBER,
    AttributeProto.SPARSE_TENSOR_FIELD_NUMBER,
    AttributeProto.FLOATS_FIELD_NUMBER,
    AttributeProto.INTS_FIELD_NUMBER,
    AttributeProto.STRINGS_FIELD_NUMBER,
    AttributeProto.TENSORS_FIELD_NUMBER,
    AttributeProto.GRAPHS_FIELD_NUMBER,
    AttributeProto.TYPE_PROTOS_FIELD_NUMBER,
    AttributeProto.SPARSE_TENSORS_FIELD_NUMBER,
    AttributeProto.TYPE_FIELD_NUMBER,
    AttributeProto.REF_ATTR_NAME_FIELD_NUMBER
  };

  private final WireCursor cursor;
  private final ModelIndex index;
  private final DataFilePlan dataFiles;
  private final NewMessages created;
  private final ScopeEditor scopes;

  NodeEditor(
      WireCursor cursor,
      ModelIndex index,
      DataFilePlan dataFiles,
      NewMessages created,
      ScopeEditor scopes) {
    this.cursor = cursor;
    this.index = index;
    this.dataFiles = dataFiles;
    this.created = created;
    this.scopes = scopes;
  }

  /**
   * The content of the NodeProto that {@code after} becomes, whose old form lies at {@code part}.
   */
  MessagePlan node(Part part, Node after, ScopePath scope) {
    Node before = (Node) Objects.requireNonNull(part.element());
    MessageEdit edit = new MessageEdit(cursor);
    texts(edit, NodeProto.INPUT_FIELD_NUMBER, before.inputs(), after.inputs());
    texts(edit, NodeProto.OUTPUT_FIELD_NUMBER, before.outputs(), after.outputs());
    text(edit, NodeProto.NAME_FIELD_NUMBER, before.name(), after.name());
    text(edit, NodeProto.OP_TYPE_FIELD_NUMBER, before.op().type(), after.op().type());
    text(edit, NodeProto.DOMAIN_FIELD_NUMBER, before.op().domain(), after.op().domain());
    text(edit, NodeProto.DOC_STRING_FIELD_NUMBER, before.docString(), after.docString());
    if (!before.metadata().equals(after.metadata())) {
      edit.replace(
          NewMessages.metadata(NodeProto.METADATA_PROPS_FIELD_NUMBER, after.metadata()),
          NodeProto.METADATA_PROPS_FIELD_NUMBER);
    }
    if (!before.attributes().equals(after.attributes())) {
      edit.replace(attributes(part, before, after, scope), NodeProto.ATTRIBUTE_FIELD_NUMBER);
    }
    return edit.apply(part.payload(), part.end());
  }

  private static void texts(MessageEdit edit, int field, List<String> before, List<String> after) {
    if (!before.equals(after)) {
      edit.replace(new MessagePlan().texts(field, after), field);
    }
  }

  private static void text(MessageEdit edit, int field, String before, String after) {
    if (!before.equals(after)) {
      edit.replace(
          after.isEmpty() ? new MessagePlan() : new MessagePlan().text(field, after), field);
    }
  }

  private MessagePlan attributes(Part part, Node before, Node after, ScopePath scope) {
    Map<String, Part> parts = attributeParts(part);
    MessagePlan plan = new MessagePlan();
    after
        .attributes()
        .forEach(
            (name, value) -> {
              Part old = parts.get(name);
              Attribute oldValue = before.attributes().get(name);
              if (old == null || oldValue == null || isOtherOpaque(oldValue, value)) {
                plan.message(
                    NodeProto.ATTRIBUTE_FIELD_NUMBER, created.attribute(name, value, after, scope));
              } else if (value.equals(oldValue)) {
                plan.copy(old);
              } else {
                plan.message(
                    NodeProto.ATTRIBUTE_FIELD_NUMBER,
                    attribute(old, oldValue, name, value, after, scope));
              }
            });
    return plan;
  }

  /** Opaque attributes of one kind are equal, whatever their bytes. */
  private static boolean isOtherOpaque(Attribute before, Attribute after) {
    return after instanceof Attribute.Opaque && after != before;
  }

  private Map<String, Part> attributeParts(Part node) {
    Map<String, Part> parts = new HashMap<>();
    cursor.seek(node.payload());
    while (cursor.next(node.end())) {
      if (cursor.isDelimited(NodeProto.ATTRIBUTE_FIELD_NUMBER)) {
        Part part =
            new Part(Role.OTHER, cursor.tagStart(), cursor.payload(), cursor.payloadEnd(), null);
        String name = "";
        cursor.seek(part.payload());
        while (cursor.next(part.end())) {
          if (cursor.isDelimited(AttributeProto.NAME_FIELD_NUMBER)) {
            name =
                ByteString.copyFrom(cursor.copy(cursor.payload(), cursor.payloadEnd()))
                    .toStringUtf8();
          }
        }
        parts.put(name, part);
      }
    }
    return parts;
  }

  private MessagePlan attribute(
      Part part, Attribute before, String name, Attribute after, Node node, ScopePath scope) {
    MessageEdit edit = new MessageEdit(cursor);
    if (before instanceof Attribute.TensorValue old && after instanceof Attribute.TensorValue now) {
      Part tensor = field(part, AttributeProto.T_FIELD_NUMBER);
      TensorPlace place = new TensorPlace(scope, node.output());
      MessagePlan content = tensor(tensor, old.value(), now.value(), place);
      edit.replace(
          new MessagePlan().message(AttributeProto.T_FIELD_NUMBER, content),
          AttributeProto.T_FIELD_NUMBER);
    } else if (before instanceof Attribute.Body old && after instanceof Attribute.Body now) {
      MessagePlan content = body(old.value(), now.value(), scope.body(node, name, 0));
      edit.replace(
          new MessagePlan().message(AttributeProto.G_FIELD_NUMBER, content),
          AttributeProto.G_FIELD_NUMBER);
    } else if (before instanceof Attribute.Bodies old && after instanceof Attribute.Bodies now) {
      MessagePlan bodies = new MessagePlan();
      for (int i = 0; i < now.values().size(); i++) {
        ScopePath path = scope.body(node, name, i);
        Graph graph = now.values().get(i);
        bodies.message(
            AttributeProto.GRAPHS_FIELD_NUMBER,
            i < old.values().size()
                ? body(old.values().get(i), graph, path)
                : created.graph(graph, path));
      }
      edit.replace(bodies, AttributeProto.GRAPHS_FIELD_NUMBER);
    } else {
      edit.replace(created.value(name, after, node, scope), VALUE_FIELDS);
    }
    return edit.apply(part.payload(), part.end());
  }

  private MessagePlan body(Graph before, Graph after, ScopePath scope) {
    return scopes.graph(Objects.requireNonNull(index.scope(before)), after, scope);
  }

  private Part field(Part message, int number) {
    cursor.seek(message.payload());
    while (cursor.next(message.end())) {
      if (cursor.isDelimited(number)) {
        return new Part(Role.OTHER, cursor.tagStart(), cursor.payload(), cursor.payloadEnd(), null);
      }
    }
    throw new IllegalStateException("no field " + number + " where the reader found one");
  }

  /** The content of the TensorProto that {@code after} becomes. */
  MessagePlan tensor(Part part, Tensor before, Tensor after, TensorPlace place) {
    MessageEdit edit = new MessageEdit(cursor);
    if (!before.shape().equals(after.shape())) {
      edit.replace(NewMessages.dims(after), TensorProto.DIMS_FIELD_NUMBER);
    }
    if (before.type() != after.type()) {
      edit.replace(NewMessages.type(after), TensorProto.DATA_TYPE_FIELD_NUMBER);
    }
    if (!before.equals(after)) {
      MessagePlan storage = dataFiles.replace(before, after, place);
      if (storage != null) {
        edit.replace(storage, DataFilePlan.storageFields());
      }
    }
    return edit.apply(part.payload(), part.end());
  }
}
