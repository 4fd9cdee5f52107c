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
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.onnx.proto.StringStringEntryProto;
import dev.fusewright.io.onnx.proto.TensorProto;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the external data files of a model.
 *
 * <p>They are copied as they are, with two exceptions. A tensor that is folded without changing its
 * size is written over its old bytes, unless another tensor reads those too. A large tensor that
 * has no place of its own is appended, because the model has external data for a reason: protobuf
 * ends at 2 GiB. A file whose SHA-1 the model states is never changed; tensors that would change it
 * go into the model's own file.
 *
 * <p>A file that changes may get another name, so that it does not take the place of the
 * original's; which ones change is known once everything is planned, so the model is planned a
 * second time then.
 */
final class DataFilePlan {
  /** From this size on tensors are kept out of the model's file; as onnx's own tools do it. */
  private static final long EXTERNAL_FROM = 1024;

  /** Readers map data files, and maps begin on pages. */
  private static final long PAGE = 4096;

  private static final int[] STORAGE = {
    TensorProto.FLOAT_DATA_FIELD_NUMBER,
    TensorProto.INT32_DATA_FIELD_NUMBER,
    TensorProto.STRING_DATA_FIELD_NUMBER,
    TensorProto.INT64_DATA_FIELD_NUMBER,
    TensorProto.RAW_DATA_FIELD_NUMBER,
    TensorProto.DOUBLE_DATA_FIELD_NUMBER,
    TensorProto.UINT64_DATA_FIELD_NUMBER,
    TensorProto.EXTERNAL_DATA_FIELD_NUMBER,
    TensorProto.DATA_LOCATION_FIELD_NUMBER
  };

  private record Overwrite(long offset, Segment.Payload payload) {}

  private final OnnxCheckpoint model;
  private final Map<String, List<Overwrite>> overwrites = new HashMap<>();
  private final Map<String, Long> ends = new HashMap<>();
  private final Set<ExternalRegion> shared;
  private final Map<String, String> names;

  /**
   * A plan in which nothing changes yet.
   *
   * @param names of the data files that get another one
   */
  DataFilePlan(OnnxCheckpoint model, Map<String, String> names) {
    this.model = model;
    this.names = names;
    shared = shared(model.index().externalRegions());
    model
        .dataFiles()
        .forEach(location -> ends.put(location, model.externals().file(location).size()));
  }

  /** The data files that are not copied as they are, so far. */
  Set<String> changed() {
    return overwrites.keySet();
  }

  /** What the data file at {@code location} will be called. */
  String name(String location) {
    return names.getOrDefault(location, location);
  }

  /** The fields of a TensorProto that say where its elements are. */
  static int[] storageFields() {
    return STORAGE.clone();
  }

  /**
   * Finds a place for a tensor that replaces {@code before}.
   *
   * @return the storage fields to write; null if the old ones still hold
   */
  @Nullable MessagePlan replace(Tensor before, Tensor tensor, TensorPlace place) {
    ExternalRegion old = model.index().external(before);
    if (old == null || Relocation.moved(tensor) != null) {
      return add(tensor, place);
    }
    if (old.length() == tensor.byteCount()
        && isChangeable(old.location())
        && !shared.contains(old)) {
      overwrites
          .computeIfAbsent(old.location(), location -> new ArrayList<>())
          .add(new Overwrite(old.offset(), new Segment.Payload(tensor, place)));
      return name(old.location()).equals(old.location()) ? null : external(old);
    }
    return isChangeable(old.location())
        ? append(old.location(), tensor, place)
        : inline(tensor, place);
  }

  /** Finds a place for a new tensor, or for one that was in the model's own file. */
  MessagePlan add(Tensor tensor, TensorPlace place) {
    Relocation.Moved moved = Relocation.moved(tensor);
    if (moved != null) {
      return external(moved.region());
    }
    ExternalRegion same = model.index().external(tensor);
    if (same != null) {
      return external(same);
    }
    if (tensor.byteCount() >= EXTERNAL_FROM) {
      for (String location : model.dataFiles()) {
        if (isChangeable(location)) {
          return append(location, tensor, place);
        }
      }
    }
    return inline(tensor, place);
  }

  static MessagePlan inline(Tensor tensor, TensorPlace place) {
    return new MessagePlan().payload(TensorProto.RAW_DATA_FIELD_NUMBER, tensor, place);
  }

  private MessagePlan append(String location, Tensor tensor, TensorPlace place) {
    long end = ends.getOrDefault(location, 0L);
    long offset = (end + PAGE - 1) / PAGE * PAGE;
    overwrites
        .computeIfAbsent(location, key -> new ArrayList<>())
        .add(new Overwrite(offset, new Segment.Payload(tensor, place)));
    ends.put(location, offset + tensor.byteCount());
    return external(new ExternalRegion(location, offset, tensor.byteCount(), false));
  }

  private MessagePlan external(ExternalRegion region) {
    MessagePlan plan = new MessagePlan();
    entry(plan, "location", name(region.location()));
    entry(plan, "offset", Long.toString(region.offset()));
    entry(plan, "length", Long.toString(region.length()));
    return plan.varint(
        TensorProto.DATA_LOCATION_FIELD_NUMBER, TensorProto.DataLocation.EXTERNAL_VALUE);
  }

  private static void entry(MessagePlan plan, String key, String value) {
    plan.message(
        TensorProto.EXTERNAL_DATA_FIELD_NUMBER,
        StringStringEntryProto.newBuilder().setKey(key).setValue(value).build());
  }

  private boolean isChangeable(String location) {
    return !model.index().fixedDataFiles().contains(location);
  }

  /** Regions that another tensor reads too, at least in part. */
  private static Set<ExternalRegion> shared(List<ExternalRegion> regions) {
    List<ExternalRegion> sorted = new ArrayList<>(regions);
    sorted.sort(
        Comparator.comparing(ExternalRegion::location).thenComparingLong(ExternalRegion::offset));
    Set<ExternalRegion> shared = new HashSet<>();
    for (int i = 1, furthest = 0; i < sorted.size(); i++) {
      ExternalRegion region = sorted.get(i);
      if (region.overlaps(sorted.get(i - 1)) || region.overlaps(sorted.get(furthest))) {
        shared.add(region);
      }
      if (sorted.get(i - 1).overlaps(region)) {
        shared.add(sorted.get(i - 1));
      }
      boolean isFurther =
          !region.location().equals(sorted.get(furthest).location())
              || region.end() > sorted.get(furthest).end();
      furthest = isFurther ? i : furthest;
    }
    return shared;
  }

  /** The bytes of one data file after all changes. */
  List<Segment> segments(String location) {
    long size = model.externals().file(location).size();
    List<Overwrite> changes = new ArrayList<>(overwrites.getOrDefault(location, List.of()));
    changes.sort(Comparator.comparingLong(Overwrite::offset));
    long at = 0;
    List<Segment> segments = new ArrayList<>();
    for (Overwrite change : changes) {
      long kept = Math.min(change.offset(), size);
      if (at < kept) {
        segments.add(new Segment.Copy(at, kept));
        at = kept;
      }
      if (at < change.offset()) {
        segments.add(
            new Segment.Literal(ByteString.copyFrom(new byte[(int) (change.offset() - at)])));
      }
      segments.add(change.payload());
      at = change.offset() + change.payload().size();
    }
    if (at < size) {
      segments.add(new Segment.Copy(at, size));
    }
    return segments;
  }
}
