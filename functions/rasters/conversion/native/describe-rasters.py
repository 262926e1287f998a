"""Describes rasters with Debian's own GDAL: reads a JSON list of requests, prints a JSON list of answers.

{"file": path}: what the file is. {"translate": path}: what gdal_translate makes of it. {"validate": path}: what GDAL's
validator for Cloud-Optimized GeoTIFFs finds wrong, all tiles included. {"warp": …}: what gdalwarp makes of it.
"""

import json
import math
import sys

import numpy as np
from osgeo import gdal
from osgeo_utils.samples import validate_cloud_optimized_geotiff

gdal.UseExceptions()
gdal.PushErrorHandler("CPLQuietErrorHandler")


def describe_band(band):
    table = band.GetColorTable()
    nodata = band.GetNoDataValue()
    return {
        "type": gdal.GetDataTypeName(band.DataType),
        "checksum": band.Checksum(),
        "colour": gdal.GetColorInterpretationName(band.GetColorInterpretation()),
        "nodata": "nan" if nodata is not None and math.isnan(nodata) else nodata,
        "palette": table and [table.GetColorEntry(index) for index in range(min(table.GetCount(), 8))],
        "mask": [band.GetMaskFlags(), band.GetMaskBand().Checksum()],
    }


def describe(dataset):
    transform = dataset.GetGeoTransform(can_return_null=True)
    reference = dataset.GetSpatialRef()
    structure = dataset.GetMetadata("IMAGE_STRUCTURE")
    band = dataset.GetRasterBand(1)
    return {
        "size": [dataset.RasterXSize, dataset.RasterYSize],
        "bands": [describe_band(dataset.GetRasterBand(index + 1)) for index in range(dataset.RasterCount)],
        "transform": transform and list(transform),
        "crs": reference and reference.ExportToWkt(),
        "gcps": [[gcp.GCPPixel, gcp.GCPLine, gcp.GCPX, gcp.GCPY] for gcp in dataset.GetGCPs()],
        "area_or_point": dataset.GetMetadataItem("AREA_OR_POINT"),
        "compression": structure.get("COMPRESSION"),
        "predictor": structure.get("PREDICTOR"),
        "layout": structure.get("LAYOUT"),
        "block": band.GetBlockSize(),
        "overviews": [
            [overview.XSize, overview.YSize] for overview in (band.GetOverview(i) for i in range(band.GetOverviewCount()))
        ],
    }


def translate(path):
    options = ["COMPRESS=LZW", "PREDICTOR=NO", "RESAMPLING=NEAREST"]
    made = gdal.Translate("/vsimem/native.tif", path, format="COG", creationOptions=options)
    made = None
    description = describe(gdal.Open("/vsimem/native.tif"))
    for name in gdal.ReadDir("/vsimem/"):
        gdal.Unlink("/vsimem/" + name)
    return description


def warp(request):
    """Fits by numpy's least squares, so that both the fit and the warp are somebody else's."""
    points = request["points"]
    image = np.array([[1, point["image_x"], point["image_y"]] for point in points])
    world = np.array([[point["world_x"], point["world_y"]] for point in points])
    x, y = np.linalg.lstsq(image, world, rcond=None)[0].T
    placed = gdal.Translate("/vsimem/placed.vrt", request["file"], format="VRT", outputSRS="EPSG:4326", options=["-nogcp"])
    placed.SetGeoTransform([*x, *y])
    method = "near" if request["near"] else "bilinear"
    warped = gdal.Warp(
        "", placed, format="MEM", dstSRS="EPSG:3857", resampleAlg=method, dstAlpha=request["addsAlpha"]
    )
    ours = gdal.Open(request["ours"]).ReadAsArray().astype(float)
    theirs = warped.ReadAsArray().astype(float)
    same_shape = ours.shape == theirs.shape
    return {**describe(warped), "difference": float(np.abs(ours - theirs).max()) if same_shape else None}


def validate(path):
    warnings, errors, _ = validate_cloud_optimized_geotiff.validate(path, full_check=True)
    return {"errors": errors, "warnings": warnings}


def answer(request):
    try:
        if "warp" in request:
            return warp(request["warp"])
        if "validate" in request:
            return validate(request["validate"])
        return translate(request["translate"]) if "translate" in request else describe(gdal.Open(request["file"]))
    except Exception as error:
        return {"error": str(error)}


print(json.dumps([answer(request) for request in json.load(sys.stdin)]))
