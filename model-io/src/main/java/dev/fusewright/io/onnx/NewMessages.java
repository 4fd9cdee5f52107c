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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.plan.ScopePath;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.onnx.proto.AttributeProto;
import dev.fusewright.io.onnx.proto.AttributeProto.AttributeType;
import dev.fusewright.io.onnx.proto.FunctionProto;
import dev.fusewright.io.onnx.proto.GraphProto;
import dev.fusewright.io.onnx.proto.NodeProto;
import dev.fusewright.io.onnx.proto.OperatorSetIdProto;
import dev.fusewright.io.onnx.proto.StringStringEntryProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import dev.fusewright.io.onnx.proto.TensorShapeProto;
import dev.fusewright.io.onnx.proto.TypeProto;
import dev.fusewright.io.onnx.proto.ValueInfoProto;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Messages for what is not from a file: new nodes, initializers, bodies and functions. */
final class NewMessages {
  /** Finds a place for the payload of a new tensor. */
  interface Storage {
    MessagePlan add(Tensor tensor, TensorPlace place);
  }

  private final Storage storage;
  private final ModelIndex index;

  /**
   * Makes messages.
   *
   * @param index of the file from which bodies and opaque attributes of new nodes may come; they
   *     are copied
   */
  NewMessages(Storage storage, ModelIndex index) {
    this.storage = storage;
    this.index = index;
  }

  MessagePlan node(Node node, ScopePath scope) {
    MessagePlan plan = new MessagePlan();
    plan.texts(NodeProto.INPUT_FIELD_NUMBER, node.inputs());
    plan.texts(NodeProto.OUTPUT_FIELD_NUMBER, node.outputs());
    optional(plan, NodeProto.NAME_FIELD_NUMBER, node.name());
    plan.text(NodeProto.OP_TYPE_FIELD_NUMBER, node.op().type());
    node.attributes()
        .forEach(
            (name, value) ->
                plan.message(
                    NodeProto.ATTRIBUTE_FIELD_NUMBER, attribute(name, value, node, scope)));
    optional(plan, NodeProto.DOC_STRING_FIELD_NUMBER, node.docString());
    optional(plan, NodeProto.DOMAIN_FIELD_NUMBER, node.op().domain());
    return plan.append(metadata(NodeProto.METADATA_PROPS_FIELD_NUMBER, node.metadata()));
  }

  private static void optional(MessagePlan plan, int field, String text) {
    if (!text.isEmpty()) {
      plan.text(field, text);
    }
  }

  static MessagePlan metadata(int field, Map<String, String> metadata) {
    MessagePlan plan = new MessagePlan();
    metadata.forEach((key, value) -> plan.message(field, entry(key, value)));
    return plan;
  }

  static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  MessagePlan attribute(String name, Attribute attribute, Node node, ScopePath scope) {
    if (attribute instanceof Attribute.Opaque opaque) {
      Part part = index.opaque(opaque);
      if (part != null) {
        return new MessagePlan().copy(part.payload(), part.end());
      }
    }
    return new MessagePlan()
        .text(AttributeProto.NAME_FIELD_NUMBER, name)
        .append(value(name, attribute, node, scope));
  }

  /** The fields of an attribute apart from its name. */
  MessagePlan value(String name, Attribute attribute, Node node, ScopePath scope) {
    MessagePlan plan = new MessagePlan();
    AttributeType type;
    if (attribute instanceof Attribute.Int value) {
      plan.varint(AttributeProto.I_FIELD_NUMBER, value.value());
      type = AttributeType.INT;
    } else if (attribute instanceof Attribute.Real value) {
      plan.real(AttributeProto.F_FIELD_NUMBER, (float) value.value());
      type = AttributeType.FLOAT;
    } else if (attribute instanceof Attribute.Text value) {
      plan.text(AttributeProto.S_FIELD_NUMBER, value.value());
      type = AttributeType.STRING;
    } else if (attribute instanceof Attribute.Ints value) {
      value.values().forEach(element -> plan.varint(AttributeProto.INTS_FIELD_NUMBER, element));
      type = AttributeType.INTS;
    } else if (attribute instanceof Attribute.Reals value) {
      value.values().forEach(element -> plan.real(AttributeProto.FLOATS_FIELD_NUMBER, element));
      type = AttributeType.FLOATS;
    } else if (attribute instanceof Attribute.Texts value) {
      plan.texts(AttributeProto.STRINGS_FIELD_NUMBER, value.values());
      type = AttributeType.STRINGS;
    } else if (attribute instanceof Attribute.TensorValue value) {
      plan.message(
          AttributeProto.T_FIELD_NUMBER,
          tensor("", value.value(), new TensorPlace(scope, node.output())));
      type = AttributeType.TENSOR;
    } else if (attribute instanceof Attribute.Body value) {
      plan.message(AttributeProto.G_FIELD_NUMBER, graph(value.value(), scope.body(node, name, 0)));
      type = AttributeType.GRAPH;
    } else if (attribute instanceof Attribute.Bodies value) {
      for (int i = 0; i < value.values().size(); i++) {
        plan.message(
            AttributeProto.GRAPHS_FIELD_NUMBER,
            graph(value.values().get(i), scope.body(node, name, i)));
      }
      type = AttributeType.GRAPHS;
    } else if (attribute instanceof Attribute.Reference value) {
      plan.text(AttributeProto.REF_ATTR_NAME_FIELD_NUMBER, value.name());
      if (value.type().isEmpty()) {
        return plan;
      }
      type = AttributeType.valueOf(value.type().toUpperCase(Locale.ROOT));
    } else {
      throw new IllegalArgumentException(
          "attribute '%s' of new node '%s' is %s, whose bytes only its own file has"
              .formatted(name, node.label(), attribute));
    }
    return plan.varint(AttributeProto.TYPE_FIELD_NUMBER, type.getNumber());
  }

  MessagePlan graph(Graph graph, ScopePath scope) {
    ScopeLayout known = index.scope(graph);
    if (known != null) {
      return new MessagePlan().copy(known.start(), known.end());
    }
    MessagePlan plan = new MessagePlan();
    graph.nodes().forEach(node -> plan.message(GraphProto.NODE_FIELD_NUMBER, node(node, scope)));
    optional(plan, GraphProto.NAME_FIELD_NUMBER, graph.name());
    graph
        .initializers()
        .forEach(
            initializer ->
                plan.message(GraphProto.INITIALIZER_FIELD_NUMBER, initializer(initializer, scope)));
    values(plan, GraphProto.INPUT_FIELD_NUMBER, graph.inputs());
    values(plan, GraphProto.OUTPUT_FIELD_NUMBER, graph.outputs());
    values(plan, GraphProto.VALUE_INFO_FIELD_NUMBER, graph.valueInfos());
    return plan;
  }

  private static void values(MessagePlan plan, int field, List<ValueInfo> values) {
    values.forEach(value -> plan.message(field, value(value)));
  }

  MessagePlan initializer(Initializer initializer, ScopePath scope) {
    return tensor(
        initializer.name(), initializer.tensor(), new TensorPlace(scope, initializer.name()));
  }

  private MessagePlan tensor(String name, Tensor tensor, TensorPlace place) {
    MessagePlan plan = new MessagePlan().append(dims(tensor)).append(type(tensor));
    optional(plan, TensorProto.NAME_FIELD_NUMBER, name);
    return plan.append(storage.add(tensor, place));
  }

  static MessagePlan dims(Tensor tensor) {
    MessagePlan plan = new MessagePlan();
    tensor.shape().dims().forEach(dim -> plan.varint(TensorProto.DIMS_FIELD_NUMBER, dim));
    return plan;
  }

  static MessagePlan type(Tensor tensor) {
    if (tensor.type().bits() == 0) {
      throw new IllegalArgumentException("a new tensor of type " + tensor.type().text());
    }
    return new MessagePlan().varint(TensorProto.DATA_TYPE_FIELD_NUMBER, tensor.type().number());
  }

  static ValueInfoProto value(ValueInfo value) {
    ValueInfoProto.Builder proto = ValueInfoProto.newBuilder().setName(value.name());
    if (value.type() != ElementType.UNDEFINED) {
      proto.setType(type(value));
    }
    return proto.build();
  }

  static TypeProto type(ValueInfo value) {
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(value.type().number());
    if (value.dims() != null) {
      TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
      for (Dim dim : value.dims()) {
        TensorShapeProto.Dimension.Builder one = shape.addDimBuilder();
        if (dim instanceof Dim.Fixed fixed) {
          one.setDimValue(fixed.size());
        } else if (dim instanceof Dim.Symbolic symbolic) {
          one.setDimParam(symbolic.name());
        }
      }
      tensor.setShape(shape);
    }
    return TypeProto.newBuilder().setTensorType(tensor).build();
  }

  /** Stands for the function where what it holds is named by a node that holds it. */
  private static Node holder(Function function, String attribute) {
    return new Node(-1, "", function.op(), List.of(), List.of(attribute), Map.of());
  }

  MessagePlan function(Function function) {
    ScopePath scope = ScopePath.of(function);
    Graph body = function.body();
    MessagePlan plan =
        new MessagePlan().text(FunctionProto.NAME_FIELD_NUMBER, function.op().type());
    body.inputs().forEach(input -> plan.text(FunctionProto.INPUT_FIELD_NUMBER, input.name()));
    body.outputs().forEach(output -> plan.text(FunctionProto.OUTPUT_FIELD_NUMBER, output.name()));
    plan.texts(FunctionProto.ATTRIBUTE_FIELD_NUMBER, function.attributes());
    function
        .defaults()
        .forEach(
            (name, value) ->
                plan.message(
                    FunctionProto.ATTRIBUTE_PROTO_FIELD_NUMBER,
                    attribute(name, value, holder(function, name), scope)));
    body.nodes().forEach(node -> plan.message(FunctionProto.NODE_FIELD_NUMBER, node(node, scope)));
    plan.append(opsets(FunctionProto.OPSET_IMPORT_FIELD_NUMBER, function.opsets()));
    plan.text(FunctionProto.DOMAIN_FIELD_NUMBER, function.op().domain());
    values(plan, FunctionProto.VALUE_INFO_FIELD_NUMBER, body.valueInfos());
    optional(plan, FunctionProto.OVERLOAD_FIELD_NUMBER, function.overload());
    return plan;
  }

  static MessagePlan opsets(int field, Map<String, Long> opsets) {
    MessagePlan plan = new MessagePlan();
    opsets.forEach((domain, version) -> plan.message(field, opset(domain, version)));
    return plan;
  }

  static OperatorSetIdProto opset(String domain, long version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }
}
